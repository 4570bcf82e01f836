// Runs one of the project's tasks with the Node and pnpm it needs, on a machine that has only some Node (18 or later) and npm:
// the host's Node where it is supported, else one from npm; the pinned pnpm always from npm; then the dependencies; then the task.
//
//   node scripts/toolchain.mjs <task> [arguments of the task]

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTask } from './tasks.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nodePackage = 'node@24.21.0';
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Set for the process that runs with the right Node and pnpm. */
const insideVariable = 'KUBELOOP_TOOLCHAIN';

const [task, ...taskArguments] = process.argv.slice(2);
process.chdir(root);

if (process.env[insideVariable] === undefined) {
  const packages = isSupported(process.versions.node)
    ? [packageManager]
    : [nodePackage, packageManager];
  const self = ['node', 'scripts/toolchain.mjs', task, ...taskArguments];
  const npx = ['--yes', ...packages.map((name) => `--package=${name}`), '--', ...self];
  await exit(
    run('npx', npx, {
      [insideVariable]: '1',
      // What npm says of its own next version is nobody's business here.
      npm_config_update_notifier: 'false',
    }),
  );
}

const installed = await run(
  'pnpm',
  ['install', '--frozen-lockfile', '--reporter=append-only'],
  {},
  true,
);
if (installed !== 0) process.exit(installed);
await exit(runTask(task, taskArguments, run));

/** The range of `engines.node` in package.json: what the dependencies run on. */
function isSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 22 && minor >= 19) || (major === 24 && minor >= 11) || major >= 26;
}

/** Waits for the exit code and leaves with it. */
async function exit(code) {
  process.exit(await code);
}

/**
 * Runs a command to its end and returns its exit code. Signals reach it: an interrupt through the terminal's process group,
 * a termination by hand.
 */
function run(command, commandArguments, environment = {}, isQuiet = false) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArguments, {
      stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...environment },
    });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    const onInterrupt = () => {};
    const onTerminate = () => child.kill('SIGTERM');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
    child.on('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
      if (isQuiet && code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
