// Starts a real Kafka whose brokers run under supervisord, each on a separate host: a PID and mount namespace with its own sshd.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import { dataFolder, nodeFolder, prepareJvm, runJvmTool, type Jvm } from '../../lab/broker-jvm.ts';
import { freePorts } from '../../lab/free-port.ts';
import { loggingFile, loggingOption, loggingProperties } from '../../lab/kafka/kafka-lab.ts';
import { defaultKafkaVersion, kafkaRelease } from '../../lab/kafka/release.ts';
import { renderServerProperties, type BrokerNode } from '../../lab/kafka/server-properties.ts';
import { findJava } from '../../lab/prerequisites.ts';
import { makeKey, publicKeyOf, writeSshd } from './sshd.ts';

export interface SupervisedHost {
  name: string;
  broker: BrokerNode;
  settings: string;
  /** Path of its supervisord configuration. */
  config: string;
  /** Returns the output of the program. */
  output(): Promise<string>;
}

export interface SupervisedKafka extends AsyncDisposable {
  configPath: string;
  /** Path of instances.yaml, which is not written yet. */
  instancesPath: string;
  folder: string;
  clusterId: string;
  bootstrap: string[];
  hosts: readonly SupervisedHost[];
}

const settingsFile = 'server.properties';
const program = 'kafka';

/** Starts all brokers without waiting for them. Needs root, java, maven, sshd and supervisor. */
export async function startSupervisedKafka({ brokers }: { brokers: 1 | 3 }): Promise<SupervisedKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-instances-'));
  const children: ChildProcess[] = [];
  const remove = async () => {
    for (const child of children) await kill(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const io = { signal: AbortSignal.timeout(170_000), clock: systemClock, environment: process.env, progress() {} };
    const release = kafkaRelease(defaultKafkaVersion);
    const [jars, java] = [await brokerJars(release, join(cacheFolder(process.env), 'lab'), io), await findJava(io)];
    const setting = { labId: 'supervised', java, jars, directory: folder };
    const ports = await freePorts(3 * brokers);
    const nodes = Array.from({ length: brokers }, (_, index): BrokerNode => {
      const name = `broker-${index + 1}`;
      const [port = 0, controllerPort = 0] = ports.slice(3 * index);
      return { id: index + 1, name, host: '127.0.0.1', port, controllerPort, dataDirectory: dataFolder(folder, name) };
    });
    const clusterId = newClusterId();
    const key = makeKey(folder, 'login');
    const hosts = await Promise.all(
      nodes.map(async (node, index) => {
        const jvm: Jvm = {
          name: node.name,
          role: 'broker',
          files: {
            [settingsFile]: renderServerProperties(
              release,
              node,
              { brokers: nodes },
              {
                'min.insync.replicas': brokers === 3 ? '2' : '1',
                // Only the command restores preferred leaders, not Kafka itself.
                'auto.leader.rebalance.enable': 'false',
              },
            ),
            [loggingFile]: loggingProperties[release.logging],
          },
          javaOptions: [loggingOption(release, nodeFolder(folder, node.name))],
          mainClass: 'kafka.Kafka',
          args: [join(nodeFolder(folder, node.name), settingsFile)],
          readyLine: /Kafka Server started/,
        };
        prepareJvm(setting, jvm);
        const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', ...jvm.args];
        await runJvmTool(setting, jvm, { attempt: 'format its storage', args: format, signal: io.signal });
        const sshPort = ports[3 * index + 2] ?? 0;
        const own = join(folder, `host-${index + 1}`);
        mkdirSync(own);
        const sshd = writeSshd({ folder: own, authorized: [publicKeyOf(key)], port: sshPort });
        const words = ['-Xmx256m', '-cp', join(jars, '*'), ...jvm.javaOptions, jvm.mainClass, ...jvm.args];
        const config = writeSupervisord(own, { sshd: sshd.config, command: [java, ...words].join(' ') });
        children.push(startHost(config));
        await untilListens(sshPort);
        return { node, sshPort, knownHost: sshd.knownHost, config, settings: jvm.args[0] ?? '', own };
      }),
    );
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, `${hosts.map(({ knownHost }) => knownHost).join('\n')}\n`);
    const bootstrap = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const configPath = join(folder, 'plimsoll.yaml');
    const hostOf = ({ sshPort }: { sshPort: number }) => ({
      probe: 'ssh',
      address: `127.0.0.1:${sshPort}`,
      user: 'root',
      privateKeyFile: key,
      knownHostsFile: knownHosts,
    });
    // JSON is valid YAML.
    writeFileSync(
      configPath,
      JSON.stringify({
        clusters: { lab: { broker: 'kafka', bootstrap, clusterId } },
        hosts: Object.fromEntries(hosts.map((each, index) => [`host-${index + 1}`, hostOf(each)])),
      }),
    );
    return {
      configPath,
      instancesPath: join(folder, 'instances.yaml'),
      folder,
      clusterId,
      bootstrap,
      hosts: hosts.map(({ node, config, settings, own }, index) => ({
        name: `host-${index + 1}`,
        broker: node,
        settings,
        config,
        output: () => readFile(join(own, 'kafka.out'), 'utf8'),
      })),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** supervisord is init of its host, and also starts sshd. @returns the path of its configuration */
function writeSupervisord(folder: string, { sshd, command }: { sshd: string; command: string }): string {
  const config = join(folder, 'supervisord.conf');
  const socket = join(folder, 'supervisor.sock');
  const escaped = command.replaceAll('%', '%%');
  writeFileSync(
    config,
    `[supervisord]
logfile=${join(folder, 'supervisord.log')}
pidfile=${join(folder, 'supervisord.pid')}
childlogdir=${folder}
user=root
[unix_http_server]
file=${socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${socket}
[program:sshd]
command=/usr/sbin/sshd -D -e -f ${sshd}
[program:${program}]
command=${escaped}
directory=${folder}
startsecs=1
startretries=2
stopwaitsecs=60
redirect_stderr=true
stdout_logfile=${join(folder, 'kafka.out')}
`,
  );
  return config;
}

function startHost(config: string): ChildProcess {
  const words = ['--pid', '--mount-proc', '--fork', '--kill-child=SIGKILL', 'supervisord', '-n', '-c', config];
  return spawn('unshare', words, { stdio: 'ignore' });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function untilListens(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await delay(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Returns 16 random bytes in base64url; never with a leading hyphen, which would start an option. */
function newClusterId(): string {
  const random = randomBytes(16);
  random[0] = (random[0] ?? 0) & 0x7f;
  return random.toString('base64url');
}
