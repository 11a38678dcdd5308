// Lists the generated files; `npm run update-golden` writes them, and a test compares them.

import type { z } from 'zod';
import { AdmissionDocument } from '../core/documents/admission.ts';
import { CatalogueFile } from '../analyzer/planning/domains/catalogue-file.ts';
import { DomainsFile } from '../analyzer/planning/domains/domains-file.ts';
import { AdviceDocument } from '../core/documents/advice.ts';
import { EvidenceAdvice } from '../core/documents/evidence-advice.ts';
import { WhatIfDocument } from '../core/documents/what-if.ts';
import { ConfigFile } from '../app/config/config-file.ts';
import { ForecastDocument } from '../core/documents/forecast.ts';
import { SiteFile } from '../core/documents/site.ts';
import { InstancesDocument, InstancesFile } from '../core/documents/instances.ts';
import { LeasesDocument } from '../core/documents/change-leases.ts';
import { MoveDocument } from '../core/documents/offset-move.ts';
import { ResendDocument } from '../core/documents/resend.ts';
import { ReassignDocument } from '../core/documents/reassignment.ts';
import { RedlineDocument } from '../core/documents/redline.ts';
import { PromotionHistory, RehearsalDocument } from '../core/documents/rehearsal.ts';
import { ScalingDocument } from '../cli/scale/scaling-document.ts';
import { WindowsDocument } from '../core/documents/windows.ts';
import { BlastRadiusDocument } from '../core/documents/blast-radius.ts';
import { SimulationDocument } from '../core/documents/simulation.ts';
import { Analysis } from '../core/documents/analysis.ts';
import { CapacityReport } from '../core/documents/capacity-report.ts';
import { PromotionLog, PromotionReview } from '../core/documents/promotion-review.ts';
import { SettingsSnapshot } from '../core/documents/settings-snapshot.ts';
import { CapturedTopic } from '../core/documents/captured-topic.ts';
import { ClusterPlans } from '../core/documents/cluster-plan.ts';
import { ImportedLine } from '../core/documents/evidence/imported-telemetry.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { ClusterCheckReport } from '../core/documents/cluster-check-report.ts';
import { JournalLine, RunDocument } from '../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../core/documents/evidence/telemetry.ts';
import { dashboards } from '../dashboards/grafana/registry.ts';
import { openApiDocument } from '../service/api/openapi.ts';
import { KeptEntry } from '../service/api/resources/history-entry.ts';
import { runMetrics } from '../loadgen/execute/control/run-metrics.ts';
import { WorkloadFile } from '../loadgen/plan/workload.ts';
import { describeCompatibility } from './compatibility-page.ts';
import { renderFeaturesPage } from './features-page.ts';
import { describeMetrics, renderMetricsDocument } from './metrics-page.ts';
import { GcDocument } from '../gc/report/gc-report.ts';
import { serviceMetrics } from '../service/metrics/service-metrics.ts';
import { ChangeJournal } from '../ops/change/journal.ts';
import { OffsetBackup } from '../ops/offsets/backup.ts';
import { renderAlertRules } from '../ops/render/alert-rules.ts';
import { renderChaosPage } from '../test/support/chaos/page.ts';
import { readChaosLines } from '../test/support/chaos/record.ts';
import { renderGoldenGcReport } from '../test/support/golden-gc-report.ts';
import { renderGoldenSizing } from '../test/support/golden-sizing.ts';
import { renderGoldenPage } from '../test/support/golden-metrics-page.ts';
import { renderGoldenRocketmqPage } from '../test/support/golden-rocketmq-page.ts';
import { renderCliPage, renderCommandsDocument } from './cli-page.ts';
import { renderConfigPage } from './config-page.ts';
import {
  renderErrorsDocument,
  renderErrorsPage,
  renderFindingsDocument,
  renderFindingsPage,
  renderPolicyDocument,
  renderPolicyPage,
  renderRulesDocument,
  renderRulesPage,
  renderImportersPage,
} from './reference-pages.ts';
import {
  commonFile,
  commonParts,
  inlineSchemas,
  renderCommonParts,
  renderOpenApi,
  renderSchema,
  schemaFiles,
  type PublishedSchema,
} from './json-schemas.ts';
import { renderPermissionsDocument, renderPermissionsPage } from './permissions-page.ts';
import { renderSizingAnswersPage } from './sizing-answers-page.ts';

interface Generated {
  /** Path relative to the repository. */
  path: string;
  render(): Promise<string>;
}

/** Every JSON or YAML document with a published schema, by file name. */
export const publishedSchemas = {
  'cluster-plan': written(ClusterPlans, 'What `plimsoll size --json` prints.'),
  domains: read(DomainsFile, 'The file of business domains that `plimsoll size` reads.'),
  catalogue: read(CatalogueFile, 'The file of hardware shapes that `plimsoll size` reads.'),
  config: read(ConfigFile, 'plimsoll.yaml: which clusters and hosts Plimsoll monitors, and how.'),
  analysis: written(Analysis, 'What `plimsoll analyze --json` prints.'),
  'what-if': written(WhatIfDocument, 'What `plimsoll analyze --what-if CHANGES --json` prints.'),
  gc: written(GcDocument, 'What `plimsoll gc --json` prints; with --compare, two of them.'),
  workload: read(WorkloadFile, 'What `plimsoll run --workload` reads.'),
  'captured-topic': written(CapturedTopic, 'What `plimsoll capture` writes, and a workload file reads.'),
  'capacity-report': written(CapacityReport, 'What `plimsoll report --format json` writes.'),
  'settings-snapshot': written(SettingsSnapshot, 'What `plimsoll get fingerprint --json` prints.'),
  'promotion-review': written(PromotionReview, 'What `plimsoll review --json` prints.'),
  happenings: read(PromotionLog, 'What `plimsoll review --events FILE` reads.'),
  admission: written(AdmissionDocument, 'What `plimsoll admit --json` prints.'),
  simulation: written(SimulationDocument, 'What `plimsoll simulate --json` prints.'),
  windows: written(WindowsDocument, 'What `plimsoll windows --json` prints.'),
  'blast-radius': written(BlastRadiusDocument, 'What `plimsoll blast-radius --json` prints.'),
  forecast: written(ForecastDocument, 'What `plimsoll forecast --json` prints.'),
  reassign: written(ReassignDocument, 'What `plimsoll ops kafka reassign --json` prints.'),
  redline: written(RedlineDocument, 'What `plimsoll redline --json` prints.'),
  rehearsal: written(RehearsalDocument, 'What `plimsoll rehearse --json` prints.'),
  'promotion-history': written(PromotionHistory, 'What `plimsoll rehearse --save-history` writes.'),
  scale: written(ScalingDocument, 'What `plimsoll scale --json` prints.'),
  advise: written(AdviceDocument, 'What `plimsoll advise --json` prints.'),
  'advise-evidence': written(
    EvidenceAdvice,
    'What `plimsoll advise --forecast FILE --json` and `--cluster NAME --json` print.',
  ),
  'offset-move': written(MoveDocument, 'What `plimsoll ops offsets reset --json` and `restore --json` print.'),
  instances: read(InstancesFile, 'instances.yaml: the processes of each cluster, and whether they are to run.'),
  site: read(SiteFile, 'site.yaml: where clusters are installed, and from what.'),
  'instances-list': written(InstancesDocument, 'What `plimsoll instances list --json` and `status --json` print.'),
  'change-leases': written(LeasesDocument, 'What `plimsoll ops status --json` prints.'),
  'change-journal': written(ChangeJournal, 'The journal that a change of a cluster leaves in the state folder.'),
  resend: written(ResendDocument, 'What `plimsoll ops kafka resend --json` and `ops rocketmq resend --json` print.'),
  'offset-backup': written(OffsetBackup, 'What `plimsoll ops offsets backup` writes, and `restore` reads.'),
  preflight: written(
    ClusterCheckReport,
    'What `plimsoll cluster check --json` prints, and preflight.json of a run bundle.',
  ),
  'ledger-entry': written(KeptEntry, 'One line of `plimsoll history export`.'),
  run: written(RunDocument, 'run.json of a run bundle.'),
  'journal-line': written(JournalLine, 'One line of journal.ndjson of a run bundle.'),
  'telemetry-record': written(TelemetryRecord, 'One line of telemetry.ndjson of a run bundle.'),
  'imported-line': written(ImportedLine, 'One line of a file in imported-telemetry/ of a run bundle.'),
};

const inline = inlineSchemas(publishedSchemas);
const common = commonParts(publishedSchemas, inline);

export const generated: readonly Generated[] = [
  { path: 'docs/reference/sizing-answers.md', render: async () => renderSizingAnswersPage() },
  { path: 'docs/reference/cli.md', render: renderCliPage },
  { path: 'docs/reference/data/commands.json', render: renderCommandsDocument },
  { path: 'docs/reference/config.md', render: async () => renderConfigPage() },
  { path: 'docs/reference/policy.md', render: async () => renderPolicyPage() },
  { path: 'docs/reference/data/policy.json', render: renderPolicyDocument },
  ...renderAlertRules(readDefaultPolicy()).map(({ path, text }) => ({
    path: `alerts/rules/${path}`,
    render: async () => text,
  })),
  { path: 'docs/evidence/chaos.md', render: async () => renderChaosPage(await readChaosLines()) },
  { path: 'docs/reference/errors.md', render: async () => renderErrorsPage() },
  { path: 'docs/reference/data/errors.json', render: renderErrorsDocument },
  { path: 'docs/reference/permissions.md', render: async () => renderPermissionsPage() },
  { path: 'docs/reference/data/permissions.json', render: renderPermissionsDocument },
  { path: 'docs/reference/importers.md', render: renderImportersPage },
  { path: 'docs/reference/findings.md', render: async () => renderFindingsPage() },
  { path: 'docs/reference/data/findings.json', render: renderFindingsDocument },
  { path: 'docs/reference/metrics.md', render: async () => describeMetrics([serviceTable, loadTestMetrics]) },
  {
    path: 'docs/reference/data/metrics.json',
    render: () => renderMetricsDocument([serviceTable, loadTestMetrics]),
  },
  { path: 'docs/reference/compatibility.md', render: async () => describeCompatibility() },
  { path: 'docs/reference/features.md', render: renderFeaturesPage },
  { path: 'test/golden/metrics.prom', render: renderGoldenPage },
  { path: 'test/golden/metrics-rocketmq.prom', render: renderGoldenRocketmqPage },
  { path: 'test/golden/gc-report.txt', render: async () => renderGoldenGcReport() },
  { path: 'test/golden/sizing.txt', render: async () => renderGoldenSizing() },
  ...dashboards.map((dashboard) => ({
    path: `dashboards/grafana/json/${dashboard.uid}.json`,
    render: async () => `${JSON.stringify(dashboard, undefined, 2)}\n`,
  })),
  ...Object.keys(publishedSchemas).map((name) => ({
    path: `docs/schema/${name}.schema.json`,
    render: () => renderSchema(name, inline, common),
  })),
  { path: `docs/schema/${commonFile}`, render: () => renderCommonParts(inline, common) },
  {
    path: 'docs/schema/openapi.json',
    render: () => renderOpenApi(openApiDocument({ files: schemaFiles(publishedSchemas) })),
  },
  { path: 'docs/reference/cluster-check-rules.md', render: async () => renderRulesPage() },
  { path: 'docs/reference/data/cluster-check-rules.json', render: renderRulesDocument },
];

const serviceTable = {
  title: 'The service',
  about: [
    'On `/metrics` of `plimsoll serve` ([service.md](../explanation/service.md)), beside all of the above. Source: its history and the last readings of clusters and hosts.',
  ],
  metrics: serviceMetrics,
};

const loadTestMetrics = {
  title: 'A running load test',
  about: [
    'On `/metrics` of `plimsoll run` while it lasts ([run-results.md](run-results.md#progress)). Only `plimsoll_run_info` has the label `cluster`.',
  ],
  metrics: runMetrics,
};

/** Schema of a document that a program writes. */
function written(type: z.ZodType, description: string): PublishedSchema {
  return { type, description, io: 'output' };
}

/** Schema of a file that people write, in which defaults may be omitted. */
function read(type: z.ZodType, description: string): PublishedSchema {
  return { type, description, io: 'input' };
}
