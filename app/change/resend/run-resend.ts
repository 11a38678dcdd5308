// Plans, executes, resumes or aborts a resend of dead-letter messages as a change of the cluster.

import { textIn } from '../../../core/text/bilingual.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { openMessageSender } from '../../../brokers/open-message-sender.ts';
import { driverOf } from '../../../brokers/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { Seconds } from '../../../core/clock.ts';
import { carryOut, type Arrival } from '../../../ops/change/carry-out.ts';
import type { HeldChange } from '../../../ops/change/held-journal.ts';
import type { Blocker } from '../../../ops/change/step.ts';
import { ResendFacts, resendFacts } from '../../../ops/resend/facts.ts';
import { messageName } from '../../../ops/resend/message-name.ts';
import { planResend, type ResendPlan, type ResendSpec } from '../../../ops/resend/plan-resend.ts';
import { resendSteps, type ResendTools } from '../../../ops/resend/resend-steps.ts';
import { newResendId, refuseSent, sentBefore, sentFile } from '../../../ops/resend/sent-messages.ts';
import { type Caller, stateFolderOf } from '../../caller.ts';
import { maskedFieldsOf, refuseMaskedSearch } from '../../observe/masked-messages.ts';
import type { MessageFilter } from '../../observe/message-filter.ts';
import { type NamedCluster, verifyCluster } from '../../observe/named-cluster.ts';
import { deadLetterTopicsOf } from './dead-letter-topics.ts';
import { beginChange, claimsOf, continueBegun, refuseBegun, type Carried } from '../journaled-change.ts';
import { offerForApproval, type PlannedSteps } from '../require-approval.ts';
import { refuseCritical, type Action } from '../run-change.ts';

export interface ResendRequest {
  action: Action;
  topic: string;
  /** For a plan: the part of the search that data masks can refuse. */
  filter: MessageFilter;
  /** For a plan: which messages to resend. */
  spec: Omit<ResendSpec, 'broker' | 'topic' | 'deadLetterTopics' | 'sentBefore'>;
  perSecond: number;
  /** How long a step may be blocked before the change pauses. */
  wait: Seconds;
  decided: ResendTools['decided'];
}

export interface ResendState {
  cluster: string;
  topic: string;
  status: 'planned' | 'held' | 'done' | 'rolled-back';
  /** Present if this command planned the resend. */
  plan?: ResendPlan;
  findings: readonly Finding[];
  evidence: readonly string[];
  holds: readonly Blocker[];
  /** File with a line before and after each message; absent for a plan. */
  sent?: string;
  journal?: string;
}

/** @throws AppError usage, not-found, change-refused; errors of its steps */
export async function runResend(
  io: Caller,
  entry: Pick<NamedCluster, 'name' | 'config' | 'masks'>,
  request: ResendRequest,
): Promise<ResendState> {
  const { name: cluster, config } = entry;
  const { topic, action, wait, decided } = request;
  const isContinued = action === 'resume' || action === 'abort';
  if (!isContinued) refuseMaskedSearch(request.filter, maskedFieldsOf(topic, entry));
  const stateFolder = stateFolderOf(io);
  const claims = claimsOf(io, { cluster, change: 'resend', subject: `topic ${topic}` });
  await using lookup = await driverOf(config).lookUp(cluster, config, io);
  await using sender = await openMessageSender(cluster, config, io);

  async function travel(held: HeldChange<ResendFacts>): Promise<Arrival> {
    const steps = resendSteps(held.journal.facts, { ...held, lookup, sender, decided });
    return await carryOut({ ...held, steps }, wait);
  }

  function arrived({ result, state, kept }: Carried<ResendFacts, Arrival>): ResendState {
    const evidence = state.steps.flatMap((step) => step.evidence.map((line) => textIn(line, 'en')));
    return {
      cluster,
      topic,
      status: result.kind === 'paused' ? 'held' : result.kind,
      findings: state.checks.before?.findings ?? [],
      evidence,
      holds: result.kind === 'held' ? result.holds : [],
      sent: state.facts.sent,
      journal: kept,
    };
  }

  if (isContinued) {
    const undoSummary = `The resend of ${topic} ends: messages that were sent stay where they are.`;
    const continued = { ...claims, schema: ResendFacts, action, isLeaseNeeded: true, undoSummary };
    return arrived(await continueBegun(io, entry, continued, travel));
  }

  const aim = { broker: config.broker, topic, deadLetterTopics: deadLetterTopicsOf(config) };
  const spec = { ...request.spec, ...aim, sentBefore: await sentBefore(stateFolder, { cluster, topic }) };
  const plan = await planResend(lookup, sender, spec, io);
  const { chosen, findings } = plan;
  await offerForApproval(io, entry, claims, plannedResend(request, chosen));
  if (action === 'plan') return { cluster, topic, status: 'planned', plan, findings, evidence: [], holds: [] };
  await refuseBegun(claims.path);
  refuseCritical(`${claims.change} of ${claims.subject}`, findings);
  const typed = await verifyCluster(entry, io);
  const id = newResendId();
  const facts = resendFacts(spec, chosen, {
    id,
    sent: sentFile(stateFolder, { cluster, topic, id }),
    perSecond: request.perSecond,
  });
  const start = {
    ...claims,
    summary: `Messages of ${topic} to send to ${facts.targets.join(', ')}: ${countText(chosen.length)}. They cannot be recalled.`,
    facts,
    before: findings,
    isLeaseNeeded: true,
    async prepare() {
      // Another resend may have ended while this one waited for confirmation and lease.
      if (!spec.again) refuseSent(chosen, await sentBefore(stateFolder, { cluster, topic }));
    },
  };
  return { ...arrived(await beginChange(io, { ...entry, typed }, start, travel)), plan };
}

export function plannedResend(
  { topic, perSecond }: Pick<ResendRequest, 'topic' | 'perSecond'>,
  chosen: ResendPlan['chosen'],
): PlannedSteps {
  const messages = chosen.map((message) => ({ message: messageName(message), to: message.target }));
  const sends = messages.map(({ message, to }) => ({
    en: `send message ${message} of ${topic} to ${to}`,
    zh: `把 ${topic} 的消息 ${message} 发送到 ${to}`,
  }));
  return {
    steps:
      sends.length === 0
        ? []
        : [{ en: `send at most ${perSecond} msg/s`, zh: `发送速率不超过 ${perSecond} 条/秒` }, ...sends],
    exact: { topic, perSecond, messages },
  };
}
