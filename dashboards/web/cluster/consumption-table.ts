// Renders message consumption by each member of a group: consumption time, successes and failures.

import type { MemberClient } from '../../../core/cluster.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { bilingual } from '../../../core/text/bilingual.ts';
import { named } from '../layout.ts';
import { renderTable, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';

const texts = bilingual({
  title: ['Consumption', '消费情况'],
  explained: [
    'As Java clients of RocketMQ report it for the last minute. Time is the mean that the listener takes for a batch.',
    '由 RocketMQ Java 客户端上报，统计最近一分钟。耗时为监听器处理一批消息的平均时间。',
  ],
  time: ['Time per batch', '每批耗时'],
  ok: ['Consumed/s', '消费成功（条/秒）'],
  failed: ['Failed/s', '失败（条/秒）'],
  lastHour: ['Failed in the last hour', '最近一小时失败（条）'],
});

const mostRows = 200;

export function renderConsumption(
  members: readonly Pick<MemberClient, 'clientId' | 'consumption'>[],
  view: View,
): Content {
  const { numbers, strings } = view;
  const own = texts[view.language];
  const rows = members.flatMap(({ clientId, consumption = [] }) => consumption.map((row) => ({ clientId, ...row })));
  if (rows.length === 0) return undefined;
  return html`${renderTable(
      'consumption',
      own.title,
      rows.slice(0, mostRows),
      [
        textColumn(strings.pages.cluster.members, ({ clientId }) => named(clientId)),
        textColumn(strings.pages.cluster.topic, ({ topic }) => named(topic)),
        numberColumn(own.time, ({ secondsPerBatch }) => ifKnown(secondsPerBatch, numbers.seconds)),
        numberColumn(own.ok, ({ okPerSecond }) => ifKnown(okPerSecond, numbers.rate)),
        numberColumn(own.failed, ({ failedPerSecond }) => ifKnown(failedPerSecond, numbers.rate)),
        numberColumn(own.lastHour, ({ failedLastHour }) => ifKnown(failedLastHour, numbers.plain)),
      ],
      ({ failedPerSecond = 0 }) => (failedPerSecond > 0 ? 'over' : ''),
    )}
    <p class="quiet">${own.explained}</p>`;
}
