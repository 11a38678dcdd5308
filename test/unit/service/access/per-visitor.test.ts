import type { Request, RequestHandler, Response } from 'express';
import { expect, test } from 'vitest';
import type { User } from '../../../../service/access/access.ts';
import { perVisitor } from '../../../../service/access/per-visitor.ts';
import type { ServiceParts } from '../../../../service/parts.ts';
import { servedCluster } from '../../../support/served-api.ts';
import { shownFleet } from '../../../support/shown-fleet.ts';

const names = Array.from({ length: 30 }, (_, index) => `cluster-${index}`);

test('with many sets of clusters, the sets in use are created only once', () => {
  let cluster = '';
  const user = (): User => ({
    name: 'ann',
    role: 'viewer',
    via: 'login',
    isLimited: true,
    on: [{ role: 'viewer', patterns: [cluster], clusters: [] }],
  });
  const made: string[] = [];
  const parts = {
    ...shownFleet(),
    clusters: new Map(names.map((name) => [name, servedCluster(name)])),
    access: { userOf: user, seesLogins: () => true },
  } as unknown as ServiceParts;
  const handler = perVisitor(parts, (_parts, set) => {
    made.push(set);
    return () => undefined;
  });
  const visit: (name: string) => void = (name) => {
    cluster = name;
    void handler({} as Request, {} as Response, (() => undefined) as Parameters<RequestHandler>[2]);
  };
  for (const name of names) {
    visit('cluster-0');
    visit(name);
  }
  expect(made.filter((set) => set === '["cluster-0"]')).toHaveLength(1);
  expect(new Set(made).size).toBe(made.length);
});
