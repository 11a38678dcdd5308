// Finds the brokers whose work a node's resources do: a broker itself, or all brokers of a host that they share.

import type { LoadTestRun } from '../../evidence/load-test-run.ts';

export function brokersAt({ document }: Pick<LoadTestRun, 'document'>, node: string): string[] {
  return document.environment.brokers.flatMap(({ id, host }) => (id === node || host === node ? [id] : []));
}
