
export const EnforceCore = async () => ({
  "tool.execute.before": (input, output) => before(input.tool, output.args, input.callID, input.sessionID),
  "tool.execute.after": async (input, output) => {
    const told = await after(false, input.tool, input.args, input.callID, input.sessionID);
    if (told && output) output.output = `${output.output ?? ""}\n\n${told}`;
  },
});
