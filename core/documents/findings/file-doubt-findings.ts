// Defines the findings about weak figures from other tools, such as missing time stamps or truncated percentiles.

import type { Evidence, Finding } from '../analysis.ts';
import type { Pair } from '../../text/bilingual.ts';
import type { FindingEntry, InLanguages } from './finding-entry.ts';

interface FileDoubtFacts {
  found: readonly { what: Pair; sources: readonly string[] }[];
  evidence: readonly Evidence[];
}

export const fileDoubtFindings = {
  'no-warm-up': doubt('info', ['the first window includes the warm-up', '第一个窗口包含预热'], {
    en: 'The first window of a file with four or more is excluded.',
    zh: '窗口数不少于 4 时，忽略第一个窗口。',
  }),
  'coordinated-omission': doubt(
    'info',
    ['latency is measured from the actual send, not from the planned one', '延迟从实际发送时刻算起，而非计划时刻'],
    {
      en: 'Percentiles are too low during pauses (coordinated omission): they are shown, but are not an upper bound.',
      zh: '停顿期间的百分位数偏低（coordinated omission）：予以显示，但不能作为上限。',
    },
  ),
  'client-bound': doubt(
    'warning',
    ['the client was saturated', '客户端已饱和'],
    {
      en: 'No maximum is computed from it. Test fixed rates, or use more or larger clients.',
      zh: '不据此计算最大值。请用固定速率压测，或使用更多、更大的客户端。',
    },
    {
      en: 'The client limited the rate in some files: no maximum is computed from them. Test fixed rates, or use more or larger clients.',
      zh: '部分文件的速率受客户端限制：不据此计算最大值。请用固定速率压测，或使用更多、更大的客户端。',
    },
  ),
  clamped: doubt('warning', ['percentiles end at 60 s', '百分位数最多为 60 秒'], {
    en: 'The highest percentiles are lower bounds.',
    zh: '最高的百分位数只是下限。',
  }),
  'rebalance-included': doubt('info', ['the rate includes the rebalance', '速率包含重平衡'], {
    en: 'A consumer that is already assigned reads faster than this rate, which includes the wait.',
    zh: '该速率包含重平衡等待时间，已完成分配的消费者会更快。',
  }),
  'negative-backlog': doubt('info', ['the backlog is negative', 'backlog 为负'], {
    en: 'Lag is computed from produced and consumed messages.',
    zh: '消费堆积由生产和消费的消息数计算得出。',
  }),
  'no-time-stamps': doubt('info', ['lines have no timestamp', '各行没有时间戳'], {
    en: 'Only durations are known. To join host metrics, put each test into a separate file and state its start with --start FILE=TIME.',
    zh: '只知道时长。请将每次测试存为单独的文件，并用 --start FILE=TIME 声明开始时间，以便与主机指标对齐。',
  }),
  truncated: doubt(
    'warning',
    ['the file ends within a line', '文件在行中结束'],
    {
      en: 'Missing values are not estimated.',
      zh: '文件不完整，缺失的数据不作估计。',
    },
    {
      en: 'Some files are incomplete: missing values are not estimated.',
      zh: '部分文件不完整：缺失的数据不作估计。',
    },
  ),
  concatenated: doubt('info', ['the file contains 2 runs', '文件包含 2 次压测'], {
    en: 'Runs in one file are read separately.',
    zh: '同一文件中的各次压测分别读取。',
  }),
  'coarse-latency': doubt('info', ['latencies are whole milliseconds', '延迟精确到毫秒'], {
    en: 'Latencies of 1 ms or less cannot be distinguished.',
    zh: '无法区分 1 ms 及以下的延迟。',
  }),
  'name-contradicts-figures': doubt(
    'warning',
    ['the name states 5000 msg/s, the results 500', '名称中为 5000 条/秒，数据为 500 条/秒'],
    {
      en: 'This step gets no verdict. State its target rate with --rate FILE=MSGS.',
      zh: '该台阶不给出结论。请用 --rate FILE=MSGS 声明目标速率。',
    },
    {
      en: 'The names of some files contradict their results: these steps get no verdict. State their target rates with --rate FILE=MSGS.',
      zh: '部分文件的名称与结果矛盾：这些台阶不给出结论。请用 --rate FILE=MSGS 声明目标速率。',
    },
  ),
  'offered-rate-unknown': doubt(
    'warning',
    ['the target rate is not in the file', '文件中没有目标速率'],
    {
      en: 'Whether a step was sustained depends on its target rate. State it with --rate FILE=MSGS.',
      zh: '是否稳定承载取决于目标速率。请用 --rate FILE=MSGS 声明。',
    },
    {
      en: 'The target rate of some steps is unknown: whether they were sustained depends on it. State it with --rate FILE=MSGS.',
      zh: '部分台阶的目标速率未知：是否稳定承载取决于目标速率。请用 --rate FILE=MSGS 声明。',
    },
  ),
  'failed-sends': doubt(
    'warning',
    ['3,000 records failed with an exception', '3,000 条记录因异常而失败'],
    {
      en: 'They count as failed sends. A step with too many of them is not sustained.',
      zh: '计为发送失败；失败过多的台阶不算稳定承载。',
    },
    {
      en: 'Some files report records that failed with an exception: these count as failed sends. A step with too many of them is not sustained.',
      zh: '部分文件有记录因异常而发送失败：计为发送失败；失败过多的台阶不算稳定承载。',
    },
  ),
};

/**
 * @param example as an importer reports it
 * @param opening text before the list; short reports show only the opening, and a capacity report as a caveat
 */
function doubt(
  severity: Finding['severity'],
  example: Pair,
  consequence: InLanguages<string>,
  opening = consequence,
): FindingEntry<FileDoubtFacts> & { caveat: InLanguages<string> } {
  const lines = ({ found }: FileDoubtFacts) => found.map(({ what: [en], sources }) => `${sources.join('; ')}: ${en}`);
  const linesZh = ({ found }: FileDoubtFacts) =>
    found.map(({ what: [, zh], sources }) => `${sources.join('；')}：${zh}`);
  return {
    severity,
    caveat: opening,
    en(facts) {
      const [first = '', ...others] = lines(facts);
      return others.length === 0 ? `${first}. ${consequence.en}` : [opening.en, first, ...others].join('\n');
    },
    zh(facts) {
      const [first = '', ...others] = linesZh(facts);
      return others.length === 0 ? `${first}。${consequence.zh}` : [opening.zh, first, ...others].join('\n');
    },
    evidence: ({ evidence }) => evidence,
    examples: [{ found: [{ what: example, sources: ['load.txt'] }], evidence: [] }],
  };
}
