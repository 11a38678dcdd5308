import { expect, test } from 'vitest';
import { compatibilities } from '../../../exporter/compatibility/registry.ts';
import { describeCompatibility } from '../../../tools/compatibility-page.ts';

const page = describeCompatibility();

test.each(Object.entries(compatibilities))(
  'the page lists every metric of %s, offered or not',
  (option, { metrics, missing }) => {
    expect(page).toContain(`\`compatibility: [${option}]\``);
    for (const name of [...Object.keys(metrics), ...Object.keys(missing)]) expect(page).toContain(`\`${name}\``);
  },
);

test('a line has the replacement metric and the difference in values', () => {
  expect(page).toContain(
    '- `rocketmq_brokeruntime_earliest_message_timestamp` (`rocketmq_broker_earliest_message_timestamp_seconds * 1000`): absent while nothing is stored; upstream prints -1',
  );
});

test('metrics that only the upstream exporters have are listed', () => {
  for (const name of ['kafka_exporter_build_info', 'node_exporter_build_info']) expect(page).toContain(`- \`${name}\``);
});

test('no difference is listed if upstream behaves the same way', () => {
  for (const name of ['leader', 'current_offset', 'oldest_offset']) {
    expect(page).not.toContain(`\n- \`kafka_topic_partition_${name}\`:`);
  }
  expect(page).toContain('- `kafka_consumergroup_lag_sum`: each partition counts at least 0');
});
