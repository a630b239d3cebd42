// Declares each tool call of the agent to EnforceCore before it runs, and
// ends it after. What cannot be declared does not run.
import { spawn } from "node:child_process";

function ask(event) {
  return new Promise((done, failed) => {
    const child = spawn(ENFORCECORE, ["hook", AGENT, ...OPTIONS], { stdio: ["pipe", "pipe", "pipe"] });
    let out = "", err = "";
    child.stdout.setEncoding("utf8").on("data", (d) => { out += d; });
    child.stderr.setEncoding("utf8").on("data", (d) => { err += d; });
    child.on("error", (e) => failed(new Error(`EnforceCore: ${e.message}`)));
    child.stdin.on("error", () => {});
    child.on("close", (status) => {
      if (status !== 0) return failed(new Error(err.trim() || "EnforceCore: the hook failed"));
      try { done(JSON.parse(out)); } catch { failed(new Error("EnforceCore: the hook's answer makes no sense")); }
    });
    child.stdin.end(JSON.stringify(event));
  });
}

// Changes args in place where the call is exact; throws where it may not run.
async function before(tool, args, id, session) {
  const answer = await ask({ event: "before", tool, arguments: args ?? {}, id, session });
  if (answer.permission !== "allow") throw new Error(answer.reason ?? "EnforceCore: refused");
  if (answer.arguments) Object.assign(args, answer.arguments);
}

// What was refused under the call, for the model; or "".
async function after(failed, tool, args, id, session) {
  const answer = await ask({ event: failed ? "failed" : "after", tool, arguments: args ?? {}, id, session });
  return answer.context ?? "";
}
