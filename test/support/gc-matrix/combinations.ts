// Lists the JVMs, collectors and log options of the GC matrix.

/** Reference for the JVM's actual pauses: its management beans, or its flight recorder's GCPhasePause events. */
export type Witness = 'beans' | 'recording';

export interface Combination {
  collector: string;
  flags: readonly string[];
  majors: readonly number[];
  /**
   * Beans of G1 before 21 omit remark and cleanup, those of CMS and of ZGC 11 count cycles; those of Serial 8 count a pause that
   * collects both generations twice. A recording omits some pauses of a generational Shenandoah.
   */
  count(major: number): Witness;
  total: Witness;
}

const beans = (): Witness => 'beans';
const recording = (): Witness => 'recording';
/** Without in-place compaction, ZGC 11 runs out of memory in a heap that suffices for the others. */
const room = '-Xmx256m';
const experimental = '-XX:+UnlockExperimentalVMOptions';

export const combinations: readonly Combination[] = [
  {
    collector: 'Serial',
    flags: ['-XX:+UseSerialGC'],
    majors: [8, 11, 17, 21, 25],
    count: (major) => (major === 8 ? 'recording' : 'beans'),
    total: 'beans',
  },
  { collector: 'Parallel', flags: ['-XX:+UseParallelGC'], majors: [8, 11, 17, 21, 25], count: beans, total: 'beans' },
  { collector: 'CMS', flags: ['-XX:+UseConcMarkSweepGC'], majors: [8, 11], count: recording, total: 'beans' },
  {
    collector: 'CMS with DefNew',
    flags: ['-XX:+UseConcMarkSweepGC', '-XX:-UseParNewGC'],
    majors: [8],
    count: recording,
    total: 'beans',
  },
  {
    collector: 'G1',
    flags: ['-XX:+UseG1GC'],
    majors: [8, 11, 17, 21, 25],
    count: (major) => (major < 21 ? 'recording' : 'beans'),
    total: 'recording',
  },
  {
    collector: 'ZGC',
    flags: [experimental, '-XX:+UseZGC', room],
    majors: [11, 17, 21],
    count: (major) => (major === 11 ? 'recording' : 'beans'),
    total: 'recording',
  },
  {
    collector: 'generational ZGC',
    flags: ['-XX:+UseZGC', '-XX:+ZGenerational'],
    majors: [21],
    count: beans,
    total: 'recording',
  },
  { collector: 'generational ZGC', flags: ['-XX:+UseZGC'], majors: [25], count: beans, total: 'recording' },
  {
    collector: 'Shenandoah',
    flags: [experimental, '-XX:+UseShenandoahGC'],
    majors: [11, 17, 21, 25],
    count: beans,
    total: 'beans',
  },
  {
    collector: 'generational Shenandoah',
    flags: [experimental, '-XX:+UseShenandoahGC', '-XX:ShenandoahGCMode=generational'],
    majors: [25],
    count: beans,
    total: 'beans',
  },
];

export interface Logging {
  /** Name as on the page; the brokers' own options use the broker name. */
  name: string;
  /** @param file path of the log */
  options(file: string): readonly string[];
  /** True if the log omits pauses of some collectors, or their start: it is compared only with its own lines. */
  isPartial?: true;
}

const text =
  (...options: readonly string[]) =>
  (file: string) => [`-Xloggc:${file}`, ...options];
const unified =
  (what: string, ...rest: readonly string[]) =>
  (file: string) => [`-Xlog:${[what, `file=${file}`, ...rest].join(':')}`];

const details = '-XX:+PrintGCDetails';
const dates = '-XX:+PrintGCDateStamps';
const rotation = (files: number, size: string) => [
  '-XX:+UseGCLogFileRotation',
  `-XX:NumberOfGCLogFiles=${files}`,
  `-XX:GCLogFileSize=${size}`,
];
const kafka8 = ['-verbose:gc', details, dates, '-XX:+PrintGCTimeStamps'];

/**
 * Options that need one run of the JVM each. The brokers' options: kafka-run-class.sh of apache/kafka 4.0 and distribution/bin of
 * apache/rocketmq 5.3.0, runbroker.sh and runserver.sh; the test sets the log path.
 */
export const textLoggings: readonly Logging[] = [
  { name: 'no details', options: text('-verbose:gc') },
  { name: 'PrintGCDetails', options: text(details) },
  { name: 'kafka-run-class.sh', options: text(...kafka8, ...rotation(10, '100M')) },
  { name: 'kafka-run-class.sh, 100 K files', options: text(...kafka8, ...rotation(10, '100K')) },
  {
    name: 'runbroker.sh',
    options: text(
      '-verbose:gc',
      details,
      dates,
      '-XX:+PrintGCApplicationStoppedTime',
      '-XX:+PrintAdaptiveSizePolicy',
      ...rotation(5, '30m'),
    ),
  },
  { name: 'runserver.sh', options: text('-verbose:gc', details, dates, ...rotation(5, '30m')) },
];

const decorations = 'time,utctime,uptime,timemillis,uptimemillis,timenanos,uptimenanos,hostname,pid,tid,level,tags';

/** Options that share one run, because a JVM can write several logs. The brokers' options as above, for Java 9 and later. */
export const unifiedLoggings: readonly Logging[] = [
  { name: 'gc*', options: unified('gc*') },
  { name: 'gc', options: unified('gc'), isPartial: true },
  { name: 'gc*, all decorations', options: unified('gc*', decorations) },
  { name: 'gc*, none', options: unified('gc*', 'none') },
  { name: 'gc*, uptime', options: unified('gc*', 'uptime') },
  { name: 'gc*, utctime', options: unified('gc*', 'utctime') },
  { name: 'gc*, timemillis and level', options: unified('gc*', 'timemillis,level') },
  { name: 'gc*=debug', options: unified('gc*=debug', 'uptime,level,tags') },
  { name: 'gc* and safepoint', options: unified('gc*,safepoint', 'time,uptime,tags') },
  { name: 'kafka-run-class.sh', options: unified('gc*', 'time,tags', 'filecount=10,filesize=100M') },
  { name: 'kafka-run-class.sh of 2.6', options: unified('gc*', 'time,tags', 'filecount=10,filesize=102400') },
  { name: 'runbroker.sh, runserver.sh', options: unified('gc*', 'time,tags', 'filecount=5,filesize=30M') },
  {
    name: 'runbroker.sh of 4.9.0',
    options: unified('gc*=info,safepoint=info', 'utctime,level,tags', 'filecount=5,filesize=30M'),
  },
];
