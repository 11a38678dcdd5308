// Names the brokers that a run measured, if not the whole cluster.

import type { Analysis } from '../documents/analysis.ts';
import { punctuation } from './punctuation.ts';
import { nodeText } from './quantity-text.ts';

/** @returns `broker 2, broker 3` */
export const nodesText = (nodes: readonly string[], language: 'en' | 'zh' = 'en'): string =>
  nodes.map((node) => nodeText(node, language)).join(punctuation[language].list);

/** @param lost brokers that were down */
export const withoutText = (lost: readonly string[], language: 'en' | 'zh' = 'en'): string =>
  language === 'zh' ? `${nodesText(lost, 'zh')} 停机` : `without ${nodesText(lost)}`;

/** @returns `without broker 2`, `redline of broker 2`; undefined for the whole cluster */
export function scopeText(
  { degraded, redline }: Pick<Analysis, 'degraded' | 'redline'>,
  language: 'en' | 'zh' = 'en',
): string | undefined {
  if (degraded !== undefined) return withoutText(degraded.lost, language);
  if (redline === undefined) return undefined;
  const broker = nodeText(redline.broker, language);
  return language === 'zh' ? `${broker} 的真实流量极限测试` : `redline of ${broker}`;
}
