import { expect, test } from 'vitest';
import { missingText } from '../../../../dashboards/grafana/missing-text.ts';

const reasonOf = (...expressions: string[]) => missingText(expressions.map((expr) => ({ expr })));

test('a panel without data states what its least demanding query needs', () => {
  const [safe, now, forecast] = ['plimsoll_safe_max_tps', 'plimsoll_now_produce_tps', 'plimsoll_forecast_peak_tps'];
  expect(reasonOf(now, safe, forecast)).toBe('needs plimsoll serve');
  expect(reasonOf(safe, forecast)).toBe('no verdict of this cluster yet');
  expect(reasonOf(now, 'up')).toBe('no data in Prometheus');
});

test('an expression that joins metrics needs the most demanding metric', () => {
  expect(reasonOf('plimsoll_now_produce_tps / plimsoll_safe_max_tps{bound="low"}')).toBe(
    'no verdict of this cluster yet',
  );
});

test('a missing optional component is named, not the cluster', () => {
  expect(reasonOf('zookeeper_outstanding_requests')).toContain('no ZooKeeper');
  expect(reasonOf('max(rocketmq_dledger_leader) by (group)')).toBe('no DLedger');
  expect(reasonOf('rocketmq_broker_up')).toBe('no RocketMQ cluster answers');
});

test('a GC log without the needed events is reported before a missing GC log', () => {
  expect(reasonOf('jvm_gclog_live_set_bytes / jvm_gclog_heap_max_bytes')).toMatch(/^old generation not collected yet/);
  expect(reasonOf('rate(jvm_gclog_pause_seconds_count[5m])')).toMatch(/^no collection yet/);
  expect(reasonOf('jvm_gclog_success')).toBe('no GC log is followed');
});
