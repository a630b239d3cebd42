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

// The same of agents that agents/packages does not install, too large for what
// they add here: NPM/FOLDER holds those that somebody did install.
export const more = {
  claude: {
    folder: 'claude-code', bin: 'claude', hook: 'claude-code', exact: true, parallel: false,
    words: ['--dangerously-skip-permissions', '--model', 'fake', '-p', 'go'],
    env: (port) => ({ ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`, ANTHROPIC_API_KEY: 'x', IS_SANDBOX: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1', SHELL: '/bin/bash' }),
    settings: '.claude/settings.json', own: () => ({ includeCoAuthoredBy: false }),
    tools: {
      shell: (command) => ({ name: 'Bash', args: { command, description: 'as told' } }),
      read: (file_path) => ({ name: 'Read', args: { file_path } }),
      write: (file_path, content) => ({ name: 'Write', args: { file_path, content } }),
    },
  },
  copilot: {
    folder: 'copilot', bin: 'copilot', hook: 'copilot', exact: false, parallel: true,
    words: ['--allow-all-tools', '--allow-all-paths', '-p', 'go'],
    env: (port) => ({ COPILOT_PROVIDER_BASE_URL: `http://127.0.0.1:${port}/v1`, COPILOT_PROVIDER_API_KEY: 'x', COPILOT_MODEL: 'fake', COPILOT_OFFLINE: 'true', SHELL: '/bin/bash' }),
    settings: '.copilot/settings.json', own: () => ({ banner: 'never' }),
    tools: {
      shell: (command) => ({ name: 'bash', args: { command, description: 'as told' } }),
      read: (file) => ({ name: 'view', args: { path: file } }),
      write: (file, file_text) => ({ name: 'create', args: { path: file, file_text } }),
    },
  },
  codex: { // trusts hooks only after somebody has looked at them; its hooks call every shell Bash
    shell: 'Bash', folder: 'codex', bin: 'codex', hook: 'codex', exact: true, parallel: true,
    words: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--dangerously-bypass-hook-trust', '-m', 'fake', 'go'],
    env: () => ({ FAKE_KEY: 'x', SHELL: '/bin/bash' }),
    settings: '.codex/config.toml', own: (port) => `model_provider = "fake"\n[model_providers.fake]\nname = "fake"\nbase_url = "http://127.0.0.1:${port}/v1"\nwire_api = "responses"\nenv_key = "FAKE_KEY"\nrequest_max_retries = 0\nstream_max_retries = 0\n`,
    tools: {
      shell: (cmd) => ({ name: 'exec_command', args: { cmd } }),
      read: (file) => more.codex.tools.shell(`cat ${file}`),
      write: (file, content) => more.codex.tools.shell(`printf '%s' '${content}' > ${file}`),
    },
  },
  opencode: { // wants @opencode-ai/plugin from a registry, or in folder/plugin
    folder: 'opencode', bin: 'opencode', hook: 'opencode', exact: true, parallel: true,
    words: ['run', '--model', 'fake/fake', 'go'],
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1', SHELL: '/bin/bash' }),
    settings: '.config/opencode/opencode.json', own: (port) => ({ provider: { fake: { npm: '@ai-sdk/openai-compatible', name: 'fake', options: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'x' }, models: { fake: { name: 'fake' } } } }, permission: { '*': 'allow' } }),
    tools: {
      shell: (command) => ({ name: 'bash', args: { command, description: 'as told' } }),
      read: (filePath) => ({ name: 'read', args: { filePath } }),
      write: (filePath, content) => ({ name: 'write', args: { filePath, content } }),
    },
  },
};

// A home in which the agent has run before, or says nothing of being new, and
// a project beside it: { home, project, env }.
export function prepare(name, { npm, root, port }) {
  const agent = agents[name] ?? more[name], home = path.join(root, `${name}-home`), project = path.join(root, `${name}-project`);
  for (const d of [home, project]) { fs.rmSync(d, { recursive: true, force: true }); fs.mkdirSync(d, { recursive: true }); }
  const file = path.join(home, agent.settings);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = agent.own(port);
  fs.writeFileSync(file, typeof own === 'string' ? own : `${JSON.stringify(own, null, 2)}\n`);
  const plugin = path.join(npm, agent.folder, 'plugin');
  if (fs.existsSync(plugin)) fs.cpSync(plugin, path.dirname(file), { recursive: true });
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
