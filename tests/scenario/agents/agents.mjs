// SPDX-License-Identifier: Apache-2.0
// agents.mjs - real coding agents from npm (agents/packages), each with a fresh
// home, driven by model.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';

// tools: how this agent calls what every coding agent can do.
export const agents = {
  gemini: {
    folder: 'gemini', bin: 'gemini', hook: 'gemini', exact: true, parallel: true,
    words: ['--skip-trust', '--yolo', '-m', 'gemini-2.5-flash', '-p', 'go'],
    env: (port) => ({ GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}`, GEMINI_CLI_NO_RELAUNCH: 'true' }),
    settings: '.gemini/settings.json', own: () => ({ security: { auth: { selectedType: 'gemini-api-key' } }, general: { enableAutoUpdate: false } }),
    tools: {
      shell: (command) => ({ name: 'run_shell_command', args: { command } }),
      read: (file_path) => ({ name: 'read_file', args: { file_path } }),
      write: (file_path, content) => ({ name: 'write_file', args: { file_path, content } }),
    },
  },
  qwen: {
    folder: 'qwen', bin: 'qwen', hook: 'qwen', exact: false, parallel: false,
    words: ['--yolo', '-p', 'go'],
    env: (port) => ({ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'fake' }),
    settings: '.qwen/settings.json', own: () => ({ security: { auth: { selectedType: 'openai' } }, general: { disableAutoUpdate: true, enableAutoUpdate: false } }),
    tools: {
      shell: (command) => ({ name: 'run_shell_command', args: { command, is_background: false } }),
      read: (file_path) => ({ name: 'read_file', args: { file_path } }),
      write: (file_path, content) => ({ name: 'write_file', args: { file_path, content } }),
    },
  },
  pi: {
    folder: 'pi', bin: 'pi', hook: 'pi', exact: true, parallel: true,
    words: ['--provider', 'fake', '--model', 'fake', '-p', 'go'],
    env: () => ({ PI_OFFLINE: '1' }),
    settings: '.pi/agent/models.json', own: (port) => ({ providers: { fake: { baseUrl: `http://127.0.0.1:${port}/v1`, api: 'openai-completions', apiKey: 'x', models: [{ id: 'fake' }] } } }),
    tools: {
      shell: (command) => ({ name: 'bash', args: { command } }),
      read: (file) => ({ name: 'read', args: { path: file } }),
      write: (file, content) => ({ name: 'write', args: { path: file, content } }),
    },
  },
};

// A home in which the agent has run before, or says nothing of being new, and
// a project beside it: { home, project, env }.
export function prepare(name, { npm, root, port }) {
  const agent = agents[name], home = path.join(root, `${name}-home`), project = path.join(root, `${name}-project`);
  for (const d of [home, project]) { fs.rmSync(d, { recursive: true, force: true }); fs.mkdirSync(d, { recursive: true }); }
  const file = path.join(home, agent.settings);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(agent.own(port), null, 2)}\n`);
  const tmp = path.join(home, 'tmp');
  fs.mkdirSync(tmp);
  return {
    home, project,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: home, TMPDIR: tmp, TERM: 'dumb', LANG: 'C.UTF-8', NO_COLOR: '1', CI: '1', ...agent.env(port) },
    argv: [path.join(npm, agent.folder, 'node_modules/.bin', agent.bin), ...agent.words],
  };
}

// before: the words in front of the agent's own, such as `enforcecore run ... --`.
export function start(ready, { before = [], env = {}, timeout = 120000 } = {}) {
  const [program, ...words] = [...before, ...ready.argv];
  const child = spawn(program, words, { cwd: ready.project, env: { ...ready.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '', err = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { err += d; });
  const clock = setTimeout(() => child.kill('SIGKILL'), timeout);
  return new Promise((done) => child.on('close', (status, signal) => { clearTimeout(clock); done({ status, signal, out, err }); }));
}
