// Renders host files besides those of the broker: kernel settings, limits and service files.

import { renderSettings, setting } from './settings-file.ts';
import type { Site } from './site.ts';

export interface RenderedFile {
  /** Relative to the folder of the host. */
  path: string;
  text: string;
}

const gibibyte = 2 ** 30;

/**
 * Settings that ops/cluster-check checks on a host; its rules name the sources.
 *
 * @param memoryBytes absent if the plan does not state the host's memory
 */
export function kernelFiles({ user = 'broker' }: Pick<Site, 'user'>, memoryBytes = 0): RenderedFile[] {
  const kept = setting(
    'vm.min_free_kbytes',
    1_000_000,
    'a burst of page cache does not make the broker reclaim memory (RocketMQ, os.sh; from 32 GiB on)',
  );
  const sysctl = renderSettings('Kernel settings; copy to /etc/sysctl.d/ and run sysctl --system', [
    setting('vm.overcommit_memory', 1, 'memory-mapped logs exceed memory (RocketMQ, os.sh)'),
    setting('vm.max_map_count', 655_360, 'each log segment uses two memory maps (RocketMQ, os.sh; Kafka operations)'),
    setting(
      'vm.swappiness',
      1,
      'RocketMQ, os.sh, and Kafka operations say 1; a public course says 10: a heap in swap stops the broker in both cases',
    ),
    setting('vm.zone_reclaim_mode', 0, 'memory of another NUMA node is better than none (RocketMQ, os.sh)'),
    setting('vm.dirty_background_ratio', 5, 'written back early and evenly instead of in bursts (Charmed Kafka)'),
    setting(
      'vm.dirty_ratio',
      60,
      'far above vm.dirty_background_ratio, so that writers seldom wait (Charmed Kafka: 60 to 80)',
    ),
    setting(
      'vm.dirty_writeback_centisecs',
      500,
      'the kernel default; with an hour, as in os.sh, a power failure would lose an hour of data',
    ),
    ...(memoryBytes >= 32 * gibibyte ? [kept] : []),
    setting('net.core.somaxconn', 1024, "the backlog of RocketMQ's Netty is 1024"),
  ]);
  const limits = [
    '# Limits of logins; copy to /etc/security/limits.d/. Services need LimitNOFILE in the unit.',
    `${user} soft nofile 655350`,
    `${user} hard nofile 655350`,
    `${user} soft memlock unlimited`,
    `${user} hard memlock unlimited`,
    '',
  ].join('\n');
  return [
    { path: 'sysctl.conf', text: sysctl },
    { path: 'limits.conf', text: limits },
  ];
}

export interface Service {
  /** Name of the unit, without `.service`. */
  name: string;
  description: string;
  javaOptions: readonly string[];
  classPath: string;
  mainClass: string;
  args: readonly string[];
  /** Main class and arguments of a program that must complete before the service starts. */
  before?: readonly string[];
}

/** @returns a supervisord program, or a systemd unit with a file of JVM flags */
export function serviceFiles(service: Service, host: string, site: Site): RenderedFile[] {
  if (site.supervisor === 'supervisord') return [programFile(service, host, site)];
  const { description, javaOptions, classPath, mainClass, args, before } = service;
  const name = site.service(host, service.name);
  const start = `${site.java} $JAVA_OPTIONS -cp ${classPath}`;
  const prepare = before === undefined ? [] : [`ExecStartPre=${site.java} -cp ${classPath} ${before.join(' ')}`];
  const unit = [
    `# Copy to /etc/systemd/system/${name}.service`,
    '[Unit]',
    `Description=${description}`,
    'After=network-online.target',
    'Wants=network-online.target',
    '',
    '[Service]',
    ...(site.user === undefined ? [] : [`User=${site.user}`]),
    `EnvironmentFile=${site.etc(host)}/jvm.env`,
    ...prepare,
    `ExecStart=${start} ${mainClass} ${args.join(' ')}`,
    '# A broker flushes and notifies its peers before it exits; 143 is how a JVM ends on SIGTERM.',
    'TimeoutStopSec=300',
    'SuccessExitStatus=143',
    'Restart=on-failure',
    'RestartSec=10',
    '# limits.conf does not apply to services.',
    'LimitNOFILE=655350',
    'LimitMEMLOCK=infinity',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
  return [
    { path: `${name}.service`, text: unit },
    { path: 'jvm.env', text: `# Flags of the JVM, Java 11 or newer.\nJAVA_OPTIONS="${javaOptions.join(' ')}"\n` },
  ];
}

/** supervisord(1): `%` in a command line begins an expression; `startsecs` is the minimum run time of a successful start. */
function programFile(service: Service, host: string, site: Site): RenderedFile {
  const { description, javaOptions, classPath, mainClass, args } = service;
  const name = site.service(host, service.name);
  const words = [site.java, ...javaOptions, '-cp', classPath, mainClass, ...args];
  const lines = [
    `; ${description}`,
    `[program:${name}]`,
    `command=${words.join(' ').replaceAll('%', '%%')}`,
    ...(site.user === undefined ? [] : [`user=${site.user}`]),
    `directory=${site.data(host)}`,
    'autorestart=unexpected',
    '; 143 is how a JVM ends on SIGTERM.',
    'exitcodes=0,143',
    'startsecs=10',
    'startretries=3',
    '; A broker flushes and notifies its peers before it exits.',
    'stopwaitsecs=300',
    'stopasgroup=true',
    'killasgroup=true',
    'redirect_stderr=true',
    `stdout_logfile=${site.logs(host)}/console.log`,
    'stdout_logfile_maxbytes=30MB',
    'stdout_logfile_backups=5',
    '',
  ];
  return { path: `${name}.program.conf`, text: lines.join('\n') };
}

/** @param memory flags of heap and collector */
export const jvmOptions = (host: string, site: Site, memory: readonly string[]) => [
  '-server',
  ...memory,
  // Without this flag, threads without memory end while the others keep the broker listed. The service restarts the broker.
  '-XX:+ExitOnOutOfMemoryError',
  // Rotates, and is not on the data disk.
  `-Xlog:gc*:file=${site.logs(host)}/gc.log:time,uptime,level,tags:filecount=5,filesize=30m`,
];
