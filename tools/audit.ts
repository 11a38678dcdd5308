// Checks the published packages for known vulnerabilities; exits with 1 only for a severe one.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readAdvisories, renderAdvisories } from './packaging/advisories.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

// npm exits with 1 both for vulnerabilities and for a registry that refuses: only its output distinguishes them.
const npm = spawn('npm', ['audit', '--omit=dev', '--json'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
const advisories = readAdvisories(await text(npm.stdout));
process.stdout.write(renderAdvisories(advisories));
process.exitCode = advisories.kind === 'known' && advisories.isGrave ? 1 : 0;
