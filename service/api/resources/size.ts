// Sizes business domains from one document, with verdicts from the history.

import { z } from 'zod';
import { CatalogueFile } from '../../../analyzer/planning/domains/catalogue-file.ts';
import { DomainsFile } from '../../../analyzer/planning/domains/domains-file.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import { ClusterPlans } from '../../../core/documents/cluster-plan.ts';
import { AppError } from '../../../core/errors.ts';
import { operation, type ApiParts } from '../operation.ts';

const mostDomains = 100;
const mostShapes = 100;
const mostMeasurements = 100;

const SizeQuestion = z.strictObject({
  domains: DomainsFile.describe(
    `content of domains.yaml, at most ${mostDomains} domains; a \`verdict\` is written as ledger:ID, and the catalogue is a separate key`,
  ),
  catalogue: CatalogueFile.describe(`content of the hardware catalogue, ${mostShapes} at most`),
  seed: z.string().min(1).max(100).default('plimsoll').describe('the same seed gives the same plan'),
  worlds: z.number().int().min(32).max(2048).default(512).describe('samples of demand and capacity'),
});

export const size = operation({
  method: 'post',
  path: '/size',
  id: 'sizeDomains',
  summary: 'Plan the clusters of business domains; the result is not stored.',
  body: SizeQuestion,
  answer: ClusterPlans,
  madeOf: 'moment',
  faults: ['not-found', 'service-busy', 'calculation-too-long'],

  async answerTo({ body: { domains: file, catalogue, seed, worlds }, signal }, parts) {
    holdBounds('domains.domains', Object.keys(file.domains).length, mostDomains);
    holdBounds('domains.measurements', file.measurements.length, mostMeasurements);
    holdBounds('catalogue.shapes', Object.keys(catalogue.shapes).length, mostShapes);
    const verdicts = verdictsOf(file, parts);
    return await parts.calculator.ask(
      { kind: 'size', file, catalogue, policy: parts.policy, verdicts, seed, worlds },
      { signal },
    );
  },
});

/** @throws AppError body-invalid */
function holdBounds(what: string, count: number, most: number): void {
  if (count <= most) return;
  throw new AppError('body-invalid', `${what}: ${count} exceed the ${most} that can be planned at once`, {
    hint: 'send them in parts, or use `plimsoll size`, which has no limit',
  });
}

/** @throws AppError body-invalid, not-found */
function verdictsOf({ measurements }: DomainsFile, { history }: ApiParts): Record<string, Analysis> {
  const named = new Set(measurements.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict])));
  return Object.fromEntries(
    [...named].map((name) => {
      const [, id] = /^ledger:([1-9]\d{0,14})$/.exec(name) ?? [];
      if (id === undefined) {
        throw new AppError('body-invalid', 'domains.measurements: a verdict is written ledger:ID, such as ledger:12', {
          hint: 'a request cannot read local files; /api/v1/ledger?kind=verdict lists the ids',
        });
      }
      const entry = history.entry(Number(id));
      if (entry?.kind !== 'verdict' && entry?.kind !== 'test') {
        throw new AppError('not-found', `no verdict ${id}`, {
          hint: '/api/v1/ledger?kind=verdict and ?kind=test list the existing ones',
        });
      }
      return [name, entry.document];
    }),
  );
}
