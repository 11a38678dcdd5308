import { expect, test } from 'vitest';
import { compatibilities } from '../../../exporter/compatibility/registry.ts';
import { describeCompatibility } from '../../../exporter/describe-compatibility.ts';

const page = describeCompatibility();

test.each(Object.entries(compatibilities))(
  'every metric of %s is named, offered or not',
  (option, { metrics, missing }) => {
    expect(page).toContain(`\`compatibility: [${option}]\``);
    for (const name of [...Object.keys(metrics), ...Object.keys(missing)]) expect(page).toContain(`| \`${name}\` |`);
  },
);

test('a row tells what to change to and where the values differ', () => {
  expect(page).toContain(
    '| `rocketmq_brokeruntime_earliest_message_timestamp` | `rocketmq_broker_earliest_message_timestamp_seconds * 1000` | absent while nothing is stored; upstream prints -1 |',
  );
});
