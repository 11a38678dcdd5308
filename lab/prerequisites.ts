// Checks the programs that the lab needs, and names the command that installs missing ones.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { runTool } from './run-tool.ts';

export interface PrerequisiteIo {
  signal: AbortSignal;
  environment: NodeJS.ProcessEnv;
}

/** Kafka 4 needs Java 17 (KIP-1013); the older versions run on it too. */
const leastJava = 17;

/** Package names that differ from the names of the parts; for Java, the JRE that is 17 or newer in common releases. */
const managers: Readonly<Record<Manager, Partial<Record<Part, string>> & { install: string }>> = {
  'apt-get': { java: 'default-jre-headless', install: 'apt-get install -y' },
  dnf: { java: 'java-21-openjdk-headless', iproute2: 'iproute-tc', install: 'dnf install -y' },
  brew: { java: 'openjdk', install: 'brew install' },
};

const products = {
  java: `Java ${leastJava} or newer`,
  maven: 'Maven',
  iproute2: 'iproute2',
  ethtool: 'ethtool',
  openssl: 'OpenSSL',
} as const;

type Manager = 'apt-get' | 'dnf' | 'brew';
type Part = keyof typeof products;

/** @returns the Java program to run. @throws AppError prerequisite-missing */
export async function findJava(io: PrerequisiteIo): Promise<string> {
  const home = io.environment['JAVA_HOME'];
  const candidates = [...(home ? [join(home, 'bin', 'java')] : []), 'java'];
  const found: string[] = [];
  for (const java of candidates) {
    const answer = await runTool(java, ['-version'], io);
    const major = answer && parseJavaMajor(answer.stderr);
    if (major === undefined) continue;
    if (major >= leastJava) return java;
    found.push(`${java} is Java ${major}`);
  }
  const what = `the lab needs Java ${leastJava} or newer; ${found.join(', ') || 'no java was found in JAVA_HOME or PATH'}`;
  throw missing(what, isOnPath('mvn', io.environment) ? ['java'] : ['java', 'maven'], io.environment);
}

/** @returns the Maven program to run. @throws AppError prerequisite-missing */
export function findMaven(io: PrerequisiteIo): string {
  if (isOnPath('mvn', io.environment)) return 'mvn';
  throw missing('the lab fetches broker jars with Maven, and mvn is not in PATH', ['maven'], io.environment);
}

/** @throws AppError prerequisite-missing */
export function requireOpenssl(environment: NodeJS.ProcessEnv): void {
  if (isOnPath('openssl', environment)) return;
  throw missing('the lab makes its certificates with openssl, which is not in PATH', ['openssl'], environment);
}

/** @throws AppError no-permission, prerequisite-missing if network namespaces cannot be created here */
export function requireNamespaces(environment: NodeJS.ProcessEnv): void {
  if (process.platform !== 'linux') {
    throw new AppError(
      'prerequisite-missing',
      `--nic needs the network namespaces of Linux; this is ${process.platform}`,
      {
        hint: 'omit --nic: the lab then uses the loopback of this machine',
      },
    );
  }
  if (process.getuid?.() !== 0) {
    throw new AppError('no-permission', '--nic makes network namespaces, and only root may do that', {
      hint: 'run the same command as root, or omit --nic',
    });
  }
  const parts: Part[] = [];
  if (!isOnPath('ip', environment) || !isOnPath('tc', environment)) parts.push('iproute2');
  if (!isOnPath('ethtool', environment)) parts.push('ethtool');
  if (parts.length > 0)
    throw missing(`--nic needs ip, tc and ethtool; missing here: ${parts.join(', ')}`, parts, environment);
}

/** `openjdk version "17.0.15"` is 17, `java version "1.8.0_401"` is 8. */
export function parseJavaMajor(version: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (first === undefined) return undefined;
  return first === '1' && second !== undefined ? Number(second) : Number(first);
}

/** @returns the command that installs the parts, or a sentence if no known package manager is available */
export function installLine(parts: readonly Part[], manager: Manager | undefined, isRoot: boolean): string {
  if (manager === undefined)
    return `install ${parts.map((part) => products[part]).join(' and ')} with the package manager of this system`;
  const names = parts.map((part) => managers[manager][part] ?? part);
  return `${isRoot || manager === 'brew' ? '' : 'sudo '}${managers[manager].install} ${names.join(' ')}`;
}

function missing(what: string, parts: readonly Part[], environment: NodeJS.ProcessEnv): AppError {
  const manager = (Object.keys(managers) as Manager[]).find((name) => isOnPath(name, environment));
  return new AppError('prerequisite-missing', what, { hint: installLine(parts, manager, process.getuid?.() === 0) });
}

function isOnPath(program: string, environment: NodeJS.ProcessEnv): boolean {
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, program)));
}
