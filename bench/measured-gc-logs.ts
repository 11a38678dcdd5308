// Lists the GC logs for which reading is measured. Each is written by a real JVM.

import { textLoggings, unifiedLoggings, type Logging } from '../test/support/gc-matrix/combinations.ts';

interface MeasuredLog {
  name: string;
  java?: 8;
  collector: string;
  options: ((file: string) => readonly string[]) | undefined;
  /** Goal for the rate over that of GCViewer, which reads JDK 8 logs more than three times as fast as unified ones. */
  timesGcViewer?: number;
}

const optionsOf = (loggings: readonly Logging[], name: string) =>
  loggings.find((logging) => logging.name === name)?.options;

/** Options of the brokers' scripts, and those with most collections per megabyte. */
export const measuredLogs: readonly MeasuredLog[] = [
  {
    name: 'unified G1',
    collector: '-XX:+UseG1GC',
    options: optionsOf(unifiedLoggings, 'kafka-run-class.sh'),
    timesGcViewer: 4,
  },
  {
    name: 'JDK 8 G1',
    java: 8,
    collector: '-XX:+UseG1GC',
    options: optionsOf(textLoggings, 'runbroker.sh'),
    timesGcViewer: 2,
  },
  { name: 'bare -Xlog:gc of G1', collector: '-XX:+UseG1GC', options: optionsOf(unifiedLoggings, 'gc') },
  {
    name: 'JDK 8 CMS',
    java: 8,
    collector: '-XX:+UseConcMarkSweepGC',
    options: optionsOf(textLoggings, 'PrintGCDetails'),
  },
  {
    name: 'JDK 8 Parallel',
    java: 8,
    collector: '-XX:+UseParallelGC',
    options: optionsOf(textLoggings, 'PrintGCDetails'),
  },
];
