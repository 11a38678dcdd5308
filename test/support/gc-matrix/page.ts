// What has the matrix shown? The table of docs/gc-matrix.md, a row for each log.

import type { Logging } from './combinations.ts';

export interface MatrixRow {
  jvm: string;
  collector: string;
  logging: Logging['name'];
  pauses: { parsed: number; printed: number };
  seconds: { parsed: number; printed: number };
  unparsed: number;
  /** Absent where the log has no pauses, or the option says nothing of where they begin. */
  own?: {
    count: { logged: number; told: number };
    seconds: { logged: number; told: number };
    /** Seconds that rounding may take on either side. */
    resolution: number;
  };
}

export function renderGcMatrix(rows: readonly MatrixRow[], made: string): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    '# GC logs of every JVM',
    '',
    'A small program allocates under each collector of each JVM and logs with each set of options; the brokers’ own are named by',
    'the script they stand in. A row is a log. _Printed_ is read off its lines by a few lines of code that share nothing with the parser;',
    'the sums are equal to the last digit, inner pauses included. _The JVM’s own_ is told by its management beans or its flight recorder,',
    'and leaves out what is inside another pause; a recording, what came before it. Of Java 9 and later, the first log',
    'was the only one of its JVM and the others were written at once, which takes time within the pauses that no bean counts. A JVM',
    'whose count differs, or whose word is more than 3 % apart, is run again, at most four times: a busy machine lengthens what is between.',
    made,
    '',
    line([
      'JVM',
      'collector',
      'logging',
      'pauses',
      'printed',
      's',
      'printed',
      'unparsed lines',
      'counted',
      'JVM’s own',
      's',
      'JVM’s own',
      'apart',
    ]),
    line(['---', '---', '---', ...Array.from({ length: 10 }, () => '---:')]),
    ...rows.map(({ jvm, collector, logging, pauses, seconds, unparsed, own }) =>
      line([
        jvm,
        collector,
        `\`${logging}\``,
        pauses.parsed,
        pauses.printed,
        seconds.parsed.toFixed(6),
        seconds.printed.toFixed(6),
        unparsed,
        ...(own === undefined
          ? ['', '', '', '', '']
          : [
              own.count.logged,
              own.count.told,
              own.seconds.logged.toFixed(6),
              own.seconds.told.toFixed(6),
              apart(own.seconds),
            ]),
      ]),
    ),
  ].join('\n');
}

const apart = ({ logged, told }: { logged: number; told: number }) =>
  told === 0 ? '' : `${((logged / told - 1) * 100).toFixed(1)} %`;
