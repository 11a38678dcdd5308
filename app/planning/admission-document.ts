// Creates the document of `plimsoll admit --json`.

import type { Admission } from '../../analyzer/planning/admission/admit-topic.ts';
import type { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { admissionSchemaVersion, type AdmissionDocument } from '../../core/documents/admission.ts';
import { defined } from '../../core/defined.ts';

export function admissionDocument(topic: TopicRequest, admission: Admission): AdmissionDocument {
  const { kind, cluster, reason, factor, clusters } = admission;
  return {
    schemaVersion: admissionSchemaVersion,
    kind,
    topic: topic.topic,
    domain: topic.domain,
    ...defined({ cluster, reason }),
    plannedPeakTps: topic.peakTps * factor,
    clusters: clusters.map(({ cluster: name, isAdmitted, checks }) => ({
      cluster: name,
      admits: isAdmitted,
      checks: checks.map((check) => ({ ...check, passed: check.after <= check.limit })),
    })),
  };
}
