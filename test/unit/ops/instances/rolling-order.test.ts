import { expect, test } from 'vitest';
import { DesiredInstance, type InstanceRole } from '../../../../core/documents/instances.ts';
import { activeControllerLast, inRollingOrder } from '../../../../ops/instances/rolling-order.ts';

const instance = (name: string, failureDomain: string, role: InstanceRole, broker: string) => {
  const target = DesiredInstance.parse({ cluster: 'orders', host: `h${broker}`, role, failureDomain, broker });
  return [name, target] as const;
};
const chosen = ['1', '2', '3'].flatMap((n) => [
  instance(`broker-${n}`, `rack-${n}`, 'kafka-broker', n),
  instance(`controller-${n}`, `rack-${n}`, 'kafka-controller', `10${n}`),
]);
const order = inRollingOrder(chosen).map(([name, target]) => ({ name, target, wasRunning: true }));
const names = (controller: string | undefined) => activeControllerLast(order, controller).map(({ name }) => name);

test('restarts the failure domain of the active controller last', () => {
  const inOrder = ['controller-1', 'broker-1', 'controller-2', 'broker-2', 'controller-3', 'broker-3'];
  expect(names(undefined)).toEqual(inOrder);
  expect(names('103')).toEqual(inOrder);
  expect(names('101')).toEqual([...inOrder.slice(2), 'controller-1', 'broker-1']);
});
