// Installs the Node pinned in package.json when needed, and runs Plimsoll with it.
//
//   node bootstrap.mjs FILE.ts [ARGUMENT…]
//
// It needs npm and any Node from 18 on, and no package, since it runs before there are any.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const installLock = join(root, '.bootstrap.lock');
/** Inside node_modules, so that whoever deletes or rebuilds that folder deletes the claim with it. */
const stamp = join(root, 'node_modules', '.bootstrap-stamp');

/** What npm itself writes last when it has installed everything it was asked for. */
const npmList = join(root, 'node_modules', '.package-lock.json');

/** The first Node that strips types without a flag or a warning. */
const oldestNode = [24, 12, 0];

/**
 * Node lets short-lived garbage grow to 128 MB before it is collected. Of an exporter with 125,000 commits
 * 16 MB saves 100 MB resident; 4 MB saves 20 more for a million series, and of a GC log of 400 MB it makes 95 MB of 120. No CPU that
 * could be measured is paid for it (Node 24).
 */
const nodeOptions = ['--max-semi-space-size=4'];

/** Sources stripped of types and compiled once: a command starts 0.2 s sooner and takes 25 MB less resident (Node 24, plimsoll gc). */
const compileCache = join(root, 'node_modules', '.cache', 'plimsoll-compiled');

const heartbeatMs = 2000;
const deadAfterMs = 30_000;
const orphanCheckMs = 500;

class Refusal extends Error {
  constructor(what, hint, exitCode = 5) {
    super(what);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`error: ${error.message}\nhint: ${error.hint}\n`);
  process.exitCode = error.exitCode;
}

async function main([file, ...words]) {
  if (!isAtLeast(process.versions.node, [18, 0, 0])) {
    throw new Refusal(
      `this is Node ${process.version}, too old to install anything with`,
      'install Node 18 or newer (https://nodejs.org); Plimsoll then gets the Node it runs on from npm by itself',
    );
  }
  if (file === undefined) {
    throw new Refusal('no file to run', 'write: npm start, npm test, or npm run plimsoll -- COMMAND', 2);
  }
  const wanted = wantedStamp();
  if (!isInstalled(wanted)) await install(wanted);
  return handOver(findNode(), [...nodeOptions, resolve(root, file), ...words]);
}

/** One line: the hash of the lock file, and for which machine its packages were taken (a folder may be mounted on two). */
function wantedStamp() {
  const lockFile = join(root, 'package-lock.json');
  try {
    const hash = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
    return `${hash} ${process.platform}-${process.arch}\n`;
  } catch (error) {
    throw new Refusal(`cannot read ${lockFile}: ${error.message}`, 'the checkout is not whole; clone it again');
  }
}

function isInstalled(wanted) {
  try {
    return readFileSync(stamp, 'utf8') === wanted;
  } catch {
    if (!isInstalledByHand()) return false;
    try {
      writeFileSync(stamp, wanted);
    } catch {
      // In a checkout of another user each start compares the packages.
    }
    return true;
  }
}

/** Whoever ran `npm ci` before is spared a second one, unless it left out packages that are needed here. */
function isInstalledByHand() {
  try {
    const [asked, there] = [join(root, 'package-lock.json'), npmList].map(
      (file) => JSON.parse(readFileSync(file, 'utf8')).packages,
    );
    const ownNode = `node_modules/node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
    return Object.entries(asked).every(([path, { integrity, optional }]) => {
      if (path === '') return true;
      if (there[path] === undefined) return optional === true && path !== ownNode;
      return there[path].integrity === integrity;
    });
  } catch {
    return false;
  }
}

async function install(wanted) {
  const release = await takeInstallLock();
  try {
    if (isInstalled(wanted)) return;
    process.stderr.write('plimsoll: installing its packages and its own Node into node_modules (once)…\n');
    await runNpm([
      'ci',
      '--include=dev',
      '--include=optional',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, wanted);
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'ENOSPC') throw error;
    throw new Refusal(
      `cannot write into ${root}: ${error.message}`,
      'the checkout must be writable and its disk have about 500 MB free',
    );
  } finally {
    release();
  }
}

/**
 * Two terminals may start at once, and `npm ci` begins by deleting node_modules: the second waits for the first.
 * A holder that was killed is told by its process id, and from another machine or container by its heartbeat.
 * @returns a function that gives the lock back
 */
async function takeInstallLock() {
  for (let told = false; ;) {
    try {
      const file = openSync(installLock, 'wx');
      writeSync(file, `${process.pid} ${hostname()}\n`);
      closeSync(file);
      break;
    } catch (error) {
      if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM') {
        throw new Refusal(
          `cannot write ${installLock}: ${error.message}`,
          'the checkout must be writable to install into it',
        );
      }
      if (error.code !== 'EEXIST') throw error;
    }
    if (!told) process.stderr.write('plimsoll: waiting for another installation of this checkout…\n');
    told = true;
    removeDeadLock();
    await new Promise((wake) => setTimeout(wake, 200));
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    if (existsSync(installLock)) utimesSync(installLock, now, now);
  }, heartbeatMs);
  return () => {
    clearInterval(heartbeat);
    unlinkQuietly(installLock);
  };
}

function removeDeadLock() {
  try {
    const held = readFileSync(installLock, 'utf8');
    const [pid, host] = held.trim().split(' ');
    const silentMs = Date.now() - statSync(installLock).mtimeMs;
    const isDead = host === hostname() && !isRunning(Number(pid));
    if (!isDead && silentMs < deadAfterMs) return;
    // Renamed before it is removed: of two that wait, one succeeds. The other finds nothing, or the first one's
    // new lock, and puts that back.
    const grave = `${installLock}.${process.pid}`;
    renameSync(installLock, grave);
    if (readFileSync(grave, 'utf8') !== held) linkSync(grave, installLock);
    unlinkSync(grave);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function unlinkQuietly(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

async function runNpm(words) {
  const [command, ...before] = findNpm();
  let talk = '';
  const end = await run(command, [...before, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }, (child) => {
    child.stdout.on('data', (chunk) => (talk += chunk));
    child.stderr.on('data', (chunk) => (talk += chunk));
  }).catch((error) => {
    throw new Refusal(
      `cannot run npm (${command}): ${error.message}`,
      'install npm; it comes with Node from https://nodejs.org',
    );
  });
  if (end === 0) return;
  if (end > 128)
    throw new Refusal('the installation was interrupted', 'run the same command again; it starts over', end);
  process.stderr.write(talk.endsWith('\n') ? talk : `${talk}\n`);
  throw new Refusal(`npm ci failed with exit code ${end} in ${root}; its own words stand above`, hintFor(talk));
}

function hintFor(talk) {
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/.test(
      talk,
    )
  ) {
    return 'the npm registry did not answer: connect, or name a proxy or mirror with `npm config set proxy` or `registry`';
  }
  if (/\bENOSPC\b/.test(talk)) return 'the disk is full: about 500 MB are needed';
  if (/\b(EACCES|EPERM|EROFS)\b/.test(talk)) return 'node_modules must be writable: delete it, or run as its owner';
  if (/\bEUSAGE\b/.test(talk))
    return 'package.json and package-lock.json disagree: run `npm install` and commit the lock file';
  return 'delete node_modules and run the same command again';
}

/** The npm that called us; else the one beside this Node; else the one on PATH. Never through a shell. */
function findNpm() {
  // Under `npm run`, `node` is found in node_modules, which npm is about to delete: npm runs on the Node it came with.
  const node = process.env.npm_node_execpath ?? process.execPath;
  const beside = dirname(node);
  const candidates = [
    process.env.npm_execpath ?? '',
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  return script === undefined ? ['npm'] : [node, script];
}

/** @returns the path of a Node that runs TypeScript files as they are */
function findNode() {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const pin = optionalDependencies[name];
  if (pin !== undefined) {
    const path = join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (status === 0 && stdout.trim() === `v${pin}`) return path;
    if (status === 0) {
      throw new Refusal(
        `${path} is Node ${stdout.trim()}, but package.json pins ${name} ${pin}`,
        'delete node_modules and run the same command again',
      );
    }
  }
  if (isAtLeast(process.versions.node, oldestNode)) return process.execPath;
  throw new Refusal(
    pin === undefined
      ? `npm has no pinned Node 24 for ${process.platform}-${process.arch}, and this is Node ${process.version}`
      : `the pinned Node ${pin} does not run on this machine, and this is Node ${process.version}`,
    `install Node ${oldestNode.join('.')} or newer (https://nodejs.org) and run the same command with it`,
  );
}

async function handOver(node, words) {
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, PLIMSOLL_LAUNCHER: String(process.pid) };
  return run(node, words, { stdio: 'inherit', env }).catch((error) => {
    throw new Refusal(`cannot start ${node}: ${error.message}`, 'delete node_modules and run the same command again');
  });
}

/** @returns the child's exit code, or as a shell says it 128 and the number of the signal that ended it */
function run(command, words, options, onStart = () => {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, words, options);
    onStart(child);
    // A terminal sends Ctrl-C to everyone in front of it, the child included; a second one would mean "at once".
    const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const sent = new Set();
    const forward = (signal) => {
      if (sent.has(signal) || (signal === 'SIGINT' && hasTerminal)) return;
      sent.add(signal);
      child.kill(signal);
    };
    // To servers it means to reload their config, each time.
    const hangUp = () => void child.kill('SIGHUP');
    process.on('SIGINT', forward).on('SIGTERM', forward).on('SIGHUP', hangUp);
    // npm passes a signal to its shell alone, which dies of it: then nobody is left to tell us.
    const shell = process.ppid;
    const watch = setInterval(() => {
      if (process.env.npm_lifecycle_event !== undefined && process.ppid !== shell) forward('SIGTERM');
    }, orphanCheckMs);
    child.once('error', (error) => {
      clearInterval(watch);
      fail(error);
    });
    child.once('close', (code, signal) => {
      clearInterval(watch);
      process.off('SIGINT', forward).off('SIGTERM', forward).off('SIGHUP', hangUp);
      done(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function isAtLeast(version, [major, minor, patch]) {
  const [a = 0, b = 0, c = 0] = version.split('.').map(Number);
  return a !== major ? a > major : b !== minor ? b > minor : c >= patch;
}
