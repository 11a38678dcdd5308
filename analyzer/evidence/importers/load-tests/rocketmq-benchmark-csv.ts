// Imports the CSV of windows that Apache's RocketMQ benchmark runner writes; its CSV of minima and maxima contains no load.

import { csvCells } from '../../../../core/text/csv-cells.ts';
import type { ImportedLoad, LoadTestImporter } from './load-test-importer.ts';
import { rocketmqBenchmark } from './rocketmq-benchmark.ts';
import { linesOf, shown, unreadableLoad } from './text-lines.ts';

/*
 * producer_performance_data.csv   Current Time,Send TPS,Max RT (ms),Average RT (ms),Send Failed,Response Failed
 * consumer_performance_data.csv   Current Time,Consume TPS,AVG(B2C) RT (ms),AVG(S2C) RT (ms),MAX(B2C) RT (ms),MAX(S2C) RT (ms),Consume Fail
 * …_benchmark_result.csv          Metric,Min Value,Max Value
 * The time contains a comma before its milliseconds, and is then quoted. From benchmark-runner/log_analysis.py of apache/rocketmq-test-tool.
 */
const tool = "Apache's benchmark runner";
const heading = /^\s*"?Current Time"?,"?(?:Send|Consume) TPS/;
const ranges = /^\s*Metric,Min Value,Max Value/;

export const rocketmqBenchmarkCsv = {
  tool,
  reads: '`*_performance_data.csv`: the same; local times',
  detect: (head) => heading.test(head) || ranges.test(head),

  import({ name, text }): ImportedLoad[] {
    if (ranges.test(text)) {
      throw unreadableLoad(
        tool,
        'it holds the lowest and highest value of each figure, and no window: they show no sustained rate',
        { hint: 'give the *_performance_data.csv that lies beside it' },
      );
    }
    let columns: readonly string[] = [];
    const lines: string[] = [];
    for (const { number, text: line, isTorn } of linesOf(text, tool)) {
      if (line.trim() === '') continue;
      const cells = cellsOf(line);
      if (columns.length === 0) columns = cells;
      else if (cells.length === columns.length)
        lines.push(columns.map((column, index) => `${column.replace(' (ms)', '(ms)')}: ${cells[index]}`).join(' | '));
      else if (!isTorn)
        throw unreadableLoad(tool, `${shown(line)} has ${cells.length} cells, and the heading ${columns.length}`, {
          line: number,
        });
    }
    if (lines.length === 0) throw unreadableLoad(tool, 'no row below the heading');
    // The runner writes no line at the end of the program, but its rows are complete.
    const [load] = rocketmqBenchmark.import({ name, text: `${lines.join('\n')}\n[Complete]\n` }) as [ImportedLoad];
    // The runner omits what the programs print in their first 30 s.
    return [
      {
        ...load,
        isWarm: true,
        doubts: load.doubts.filter(({ flag }) => flag !== 'no-warm-up'),
      },
    ];
  },
} satisfies LoadTestImporter;

/** A comma between a time of day and its milliseconds is not a separator, even if unquoted. */
function cellsOf(line: string): string[] {
  const withPoints = line.replaceAll(/(?<=\d\d:\d\d:\d\d),(?=\d{3}(?:,|$))/g, '.');
  return csvCells(withPoints, ',').map((cell) => cell.trim());
}
