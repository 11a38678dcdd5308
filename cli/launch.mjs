#!/usr/bin/env node
// Starts the installed command on the pinned Node, or on this one where it is new enough.
//
// It runs on whatever Node the machine has, so it uses nothing that came after Node 16.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const entry = join(here, 'main.js');

/** The first Node that needs no flag for what the sources are written in; bootstrap.mjs names the same. */
const oldestNode = [24, 12, 0];
/** Why 4 MB is in bootstrap.mjs, which starts a checkout the same way. */
const nodeOptions = ['--max-semi-space-size=4'];

const node = pinnedNode() ?? ownNode();
if (node === undefined) {
  const wanted = oldestNode.join('.');
  process.stderr.write(
    `error: this is Node ${process.version}, and the Node that Plimsoll brings for ${platformPackage()} is not installed\n` +
      `hint: install again without --omit=optional, or run it with Node ${wanted} or newer (https://nodejs.org)\n`,
  );
  process.exit(5);
}

const env = { ...process.env, PLIMSOLL_LAUNCHER: String(process.pid) };
const child = spawn(node, [...nodeOptions, entry, ...process.argv.slice(2)], { stdio: 'inherit', env });
// A terminal sends Ctrl-C to everyone in front of it, the child included; a second one would mean "at once".
const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
process.on('SIGINT', () => void (hasTerminal || child.kill('SIGINT')));
process.on('SIGTERM', () => void child.kill('SIGTERM'));
process.on('SIGHUP', () => void child.kill('SIGHUP'));
child.on('error', (error) => {
  process.stderr.write(`error: cannot start ${node}: ${error.message}\nhint: install Plimsoll again\n`);
  process.exit(5);
});
child.on('close', (code, signal) => process.exit(code === null ? 128 + constants.signals[signal] : code));

function platformPackage() {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

/** npm installs only the one of this platform, beside us or in a folder above. */
function pinnedNode() {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(here, '..', 'package.json'), 'utf8'));
  const name = platformPackage();
  if (optionalDependencies[name] === undefined) return undefined;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    return undefined;
  }
}

function ownNode() {
  const version = process.versions.node.split('.').map(Number);
  const differs = oldestNode.findIndex((part, place) => version[place] !== part);
  return differs === -1 || version[differs] > oldestNode[differs] ? process.execPath : undefined;
}
