// Imports the dashboards into the Grafana at GRAFANA_URL and runs their queries.

import { expect, test } from 'vitest';
import { z } from 'zod';
import { dashboards } from '../../../dashboards/grafana/registry.ts';
import { filledIn, gridsOf, targetsOf } from '../../support/dashboard-parts.ts';

/** Includes user and password, such as http://admin:admin@127.0.0.1:3000. Queries use its first Prometheus. */
const grafanaUrl = process.env['GRAFANA_URL'];

const Sources = z.array(z.object({ uid: z.string(), type: z.string() }));
const Imported = z.object({ status: z.literal('success'), uid: z.string() });
const Stored = z.object({ dashboard: z.object({ title: z.string(), panels: z.array(z.unknown()) }) });
const Answers = z.object({ results: z.record(z.string(), z.object({ error: z.string().optional() })) });

if (grafanaUrl !== undefined) {
  const { origin, username, password } = new URL(grafanaUrl);
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;

  async function ask<Answer>(type: z.ZodType<Answer>, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${origin}${path}`, {
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return type.parse(JSON.parse(text));
  }

  test.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
    'Grafana imports %s and runs its queries',
    async (_, dashboard) => {
      const source = (await ask(Sources, '/api/datasources')).find(({ type }) => type === 'prometheus');
      if (source === undefined) throw new Error('this Grafana has no Prometheus');
      await ask(Imported, '/api/dashboards/db', { dashboard, overwrite: true, message: 'made from code' });
      const stored = await ask(Stored, `/api/dashboards/uid/${dashboard.uid}`);
      expect(stored.dashboard.title).toBe(dashboard.title);
      expect(stored.dashboard.panels).toHaveLength(gridsOf(dashboard)[0]?.length ?? 0);
      for (const { expr } of targetsOf(dashboard)) {
        const query = { refId: 'A', datasource: { uid: source.uid }, expr: filledIn(expr), instant: true };
        const { results } = await ask(Answers, '/api/ds/query', { queries: [query], from: 'now-1h', to: 'now' });
        expect(results['A']?.error, expr).toBeUndefined();
      }
    },
  );
}
