// Texts of the frame of every page: cluster search, menu, incidents and errors.

import type { FoundKind } from './found-page.ts';
import { bilingual, type Pair } from '../../core/text/bilingual.ts';

export const frameLanguages = bilingual({
  goTo: ['Find cluster, topic, group or broker', '查找集群、Topic、消费组或 Broker'],
  goToHint: ['Find…', '查找…'],
  go: ['Go', '前往'],
  attention: (count: number) => [
    count === 1 ? '1 cluster needs attention' : `all ${count} needing attention`,
    count === 1 ? '1 个集群需要处理' : `需要处理的集群（${count}）`,
  ],
  notFound: [
    'The cluster, topic, plan or entry may have been renamed or removed, or is hidden by the config. Find it in the list of clusters or in the history.',
    '对应的集群、Topic、计划或记录可能已改名或删除，或被配置隐藏。请从集群列表或历史中查找。',
  ],
  broken: [
    'The log of the service shows the cause, in a line “cannot create page” with the path of this page. The other pages and the collection of data are not affected.',
    '原因见服务日志中带本页路径的“cannot create page”一行。其他页面和数据采集不受影响。',
  ],
  tryAgain: ['Try again', '重试'],
  found: ['Search results', '搜索结果'],
  foundFor: ['Search results for ', '搜索结果：'],
  nothingFound: [
    'No cluster, topic, consumer group or broker has this text in its name. Names that the config hides are not found, nor are those of clusters that were never read.',
    '没有名称包含该文字的集群、Topic、消费组或 Broker。被配置隐藏的名称、从未读取过的集群中的名称不会出现。',
  ],
  countFound: (shown: string, all: string) => [
    shown === all ? `${all} found.` : `${shown} of ${all} found. Enter more letters to narrow the search.`,
    shown === all ? `找到 ${all} 个。` : `共 ${all} 个，显示 ${shown} 个，请输入更多字符。`,
  ],
  name: ['Name', '名称'],
  foundKinds: {
    cluster: ['cluster', '集群'],
    topic: ['topic', 'Topic'],
    group: ['consumer group', '消费组'],
    broker: ['broker', 'Broker'],
  } satisfies Record<FoundKind, Pair>,
});
