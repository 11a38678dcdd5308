// Defines the findings about the fit of a resource's use to the load.

import { chineseName } from '../../text/limit-text.ts';
import { nodeText, percentText } from '../../text/quantity-text.ts';
import type { Constraint } from '../../resource.ts';
import { figure, findingEntry, piece, type InLanguages } from './finding-entry.ts';

interface Fitted {
  resource: Constraint;
  node: string;
}

export type FitDoubt = 'no-growth' | 'growth-not-significant' | 'low-r2';

const cpu: Fitted = { resource: 'cpu', node: '1' };

export const fitFindings = {
  'poor-fit': findingEntry<
    Fitted & { doubt: FitDoubt; points: number; r2: number; minimumR2: { value: number; source: string } }
  >({
    severity: 'info',
    en: ({ resource, node, doubt, points, r2 }) =>
      `No limit is estimated from ${resource} of ${nodeText(node)}: ${doubtTexts[doubt](r2).en} over ${points} sustained steps.`,
    zh: ({ resource, node, doubt, points, r2 }) =>
      `不根据 ${nodeText(node, 'zh')} 的${chineseName(resource)}估算上限：${points} 个稳定台阶中，${doubtTexts[doubt](r2).zh}。`,
    evidence: {
      r2: ({ r2 }) => figure(r2, 'ratio', 'least squares over the sustained steps'),
      'minimum r2': ({ minimumR2: { value, source } }) => figure(value, 'ratio', source),
    },
    examples: [
      { ...cpu, doubt: 'low-r2', points: 5, r2: 0.37, minimumR2: { value: 0.8, source: 'policy' } },
      { ...cpu, doubt: 'no-growth', points: 5, r2: 0.37, minimumR2: { value: 0.8, source: 'policy' } },
      { ...cpu, doubt: 'growth-not-significant', points: 5, r2: 0.37, minimumR2: { value: 0.8, source: 'policy' } },
    ],
  }),
  'batches-grow': findingEntry<Fitted & { perMessage: number; perRequest: number; unit: string }>({
    severity: 'info',
    en: ({ resource, node }) =>
      `Batches grew with load, so ${resource} of ${nodeText(node)} is fitted to messages and requests. Beyond the highest step batches are assumed not to grow further.`,
    zh: ({ resource, node }) =>
      `批次大小随负载增大，因此 ${nodeText(node, 'zh')} 的${chineseName(resource)}按消息数和请求数拟合。超过最高台阶后假定批次不再增大。`,
    evidence: {
      'per message': ({ perMessage, unit }) => figure(perMessage, unit, 'least squares'),
      'per request': ({ perRequest, unit }) => figure(perRequest, unit, 'least squares'),
    },
    examples: [{ ...cpu, perMessage: 0.0002, perRequest: 0.001, unit: 'cores' }],
  }),
  'convex-use': findingEntry<
    Fitted &
      (
        | { law: 'curve'; curveError: number; lineError: number }
        /** Additional cost of a message on idle cores: lowest, median and highest of the plausible laws. */
        | { law: 'cores'; surcharges: readonly [number, number, number] }
      )
  >({
    severity: 'info',
    en: ({ resource, node, law }) =>
      `${resource} of ${nodeText(node)} grew faster than the load: ${law === 'curve' ? 'a curve predicts left-out steps better than a line.' : 'a message costs more on busy cores than on idle ones. Saturation is expected at a lower rate than with a line.'}`,
    zh: ({ resource, node, law }) =>
      `${nodeText(node, 'zh')} 的${chineseName(resource)}增长快于负载：${law === 'curve' ? '曲线比直线更能预测留出的台阶。' : '繁忙的核处理每条消息的成本高于空闲的核，CPU 用满时的速率会低于直线的预测。'}`,
    evidence: (facts) =>
      facts.law === 'curve'
        ? [
            piece('error of the curve', facts.curveError, 'ratio', 'steps left out in turn'),
            piece('error of the line', facts.lineError, 'ratio', 'steps left out in turn'),
          ]
        : facts.surcharges.map((value, index) =>
            piece(
              `${['lowest', 'median', 'highest'][index]} surcharge on idle cores`,
              value,
              'ratio',
              'steps, and a prior from earlier brokers',
            ),
          ),
    examples: [
      { ...cpu, law: 'curve', curveError: 0.02, lineError: 0.07 },
      { ...cpu, law: 'cores', surcharges: [-0.4, -0.3, -0.1] },
    ],
  }),
  'seconds-set-aside': findingEntry<Fitted & { seconds: number }>({
    severity: 'info',
    en: ({ resource, node, seconds }) =>
      `Outliers of ${resource} of ${nodeText(node)} were excluded from the fit: ${seconds} s, less than the 1% of seconds that a p99 ignores.`,
    zh: ({ resource, node, seconds }) =>
      `${nodeText(node, 'zh')} 的${chineseName(resource)}有 ${seconds} 秒为离群值，不参与拟合；数量少于 p99 忽略的部分。`,
    evidence: {
      seconds: ({ seconds }) => figure(seconds, 's', 'more than six robust standard deviations from their step'),
    },
    examples: [
      { ...cpu, seconds: 1 },
      { ...cpu, seconds: 3 },
    ],
  }),
};

const doubtTexts: Readonly<Record<FitDoubt, (r2: number) => InLanguages<string>>> = {
  'no-growth': () => ({ en: 'it does not grow with load', zh: '其使用率不随负载增长' }),
  'growth-not-significant': () => ({ en: 'its growth with load is not significant', zh: '其使用率随负载的增长不显著' }),
  'low-r2': (r2) => ({
    en: `load explains only ${percentText(r2)} of its variance`,
    zh: `负载只解释了其 ${percentText(r2)} 的方差`,
  }),
};
