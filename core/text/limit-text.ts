// Formats the name of a limit: the resource or SLO, and the broker, host or group it belongs to.

import type { Limit } from '../documents/analysis.ts';
import { limitNames } from '../resource.ts';
import { nodeText } from './quantity-text.ts';

const chineseNames: Readonly<Record<string, string>> = limitNames('zh');

/** @returns `network-out of broker 1`, `consumer-lag of group billing`; in Chinese `Broker 1 的网卡出向` */
export function limitText(limit: Limit, language: 'en' | 'zh' = 'en'): string {
  const what = 'resource' in limit ? limit.resource : limit.slo;
  if (language === 'en') return `${what} of ${'node' in limit ? nodeText(limit.node) : `group ${limit.group}`}`;
  const owner = 'group' in limit ? `消费组 ${limit.group} ` : ownerZh(limit.node);
  return `${owner}的${chineseName(what).trimEnd()}`;
}

/** @returns the node of a limit before 的: `Broker 1 `, `集群`, `压测端` */
export const ownerZh = (node: string): string =>
  node === 'cluster' ? '集群' : node === 'generator' ? '压测端' : `${nodeText(node, 'zh')} `;

/** @returns the Chinese name of a resource or SLO within a sentence: `网卡出向`, ` CPU `; other names unchanged */
export const chineseName = (limit: string): string =>
  (chineseNames[limit] ?? limit).replace(/^(?=[A-Za-z])/, ' ').replace(/(?<=[A-Za-z/])$/, ' ');

/** @returns the role within a sentence: ` Leader `, `主节点` */
export const chineseRole = (role: string): string => (role === 'master' ? '主节点' : ' Leader ');

/** @returns the text with a space before Latin letters, as Chinese typography wants */
export const spaced = (text: string): string => (/^[A-Za-z]/.test(text) ? ` ${text}` : text);
