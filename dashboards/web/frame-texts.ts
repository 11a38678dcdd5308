// Texts of what every page begins and ends with: cluster search, menu, incidents and errors.

import type { Language } from './strings.ts';

interface FrameTexts {
  goTo: string;
  go: string;
  attention(count: number): string;
  notFound: string;
  broken: string;
  tryAgain: string;
}

const en: FrameTexts = {
  goTo: 'Go to cluster',
  go: 'Go',
  attention: (count) => (count === 1 ? '1 needs attention' : `${count} need attention`),
  notFound:
    'The cluster, topic, plan or entry may have been renamed or removed, or is hidden by the config. Find it in the list of clusters or in the history.',
  broken:
    'The cause is in the log of the service, in a line “a page could not be made” with the path of this page. The other pages and the collection of data continue.',
  tryAgain: 'Try again',
};

const zh: FrameTexts = {
  goTo: '切换集群',
  go: '前往',
  attention: (count) => `${count} 个需要处理`,
  notFound: '对应的集群、Topic、计划或记录可能已改名或删除，或被配置隐藏。请从集群列表或历史中查找。',
  broken: '原因见服务日志中带本页路径的“a page could not be made”一行。其他页面和数据采集不受影响。',
  tryAgain: '重试',
};

export const frameLanguages: Record<Language, FrameTexts> = { en, zh };
