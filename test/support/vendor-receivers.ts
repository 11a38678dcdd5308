// Receives notifications like DingTalk, Feishu, WeCom, Slack and PagerDuty, and rejects requests that their documentation forbids.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export const signingSecret = 'SECthis is secret';
/** Integration keys have 32 characters. */
export const integrationKey = 'e93facc04764012d7bfb002500d5d1a6';

interface Reply {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

export interface VendorReceivers extends AsyncDisposable {
  /** URL of the webhook, including its token. */
  url(vendor: string): string;
  /** Accepted bodies. */
  readonly taken: { vendor: string; body: Record<string, unknown> }[];
  /** Number of requests, accepted or not. */
  requests: number;
  /** Replaces the vendor's own response: `hang` sends none. */
  instead: Reply | 'hang' | undefined;
}

const hourMs = 3_600_000;

/** @param nowMs clock of the receivers */
export async function startVendorReceivers(nowMs: () => number): Promise<VendorReceivers> {
  const taken: VendorReceivers['taken'] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      receivers.requests++;
      const { instead } = receivers;
      if (instead === 'hang') return;
      const url = new URL(request.url ?? '', 'http://receivers');
      const vendor = url.pathname.slice(1);
      const refusal = request.headers['content-type']?.startsWith('application/json')
        ? refusalOf(vendor, { url, body, nowMs: nowMs() })
        : 'not JSON';
      if (refusal === undefined && instead === undefined) {
        taken.push({ vendor, body: JSON.parse(body) as Record<string, unknown> });
      }
      const reply = instead ?? answerOf(vendor, refusal);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receivers: VendorReceivers = {
    url: (vendor) => `http://127.0.0.1:${port}/${vendor}${vendor === 'pagerduty' ? '' : '?access_token=t0ken'}`,
    taken,
    requests: 0,
    instead: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receivers;
}

interface Received {
  url: URL;
  body: string;
  nowMs: number;
}

const DingTalkMessage = z.strictObject({
  msgtype: z.literal('markdown'),
  markdown: z.strictObject({ title: z.string().min(1), text: z.string().min(1) }),
});
const FeishuMessage = z.strictObject({
  timestamp: z.string().regex(/^\d{10}$/),
  sign: z.string(),
  msg_type: z.literal('post'),
  content: z.strictObject({
    post: z.strictObject({
      zh_cn: z.strictObject({
        title: z.string().min(1),
        content: z
          .array(
            z.array(
              z.discriminatedUnion('tag', [
                z.strictObject({ tag: z.literal('text'), text: z.string().min(1) }),
                z.strictObject({ tag: z.literal('a'), text: z.string().min(1), href: z.url() }),
              ]),
            ),
          )
          .min(1),
      }),
    }),
  }),
});
const WeComMessage = z.strictObject({
  msgtype: z.literal('markdown'),
  markdown: z.strictObject({
    content: z.string().refine((content) => Buffer.byteLength(content) <= 4096, 'exceed max length 4096'),
  }),
});
const SlackMessage = z.strictObject({
  text: z.string().min(1).max(4000),
  mrkdwn: z.boolean(),
  unfurl_links: z.boolean(),
  unfurl_media: z.boolean(),
});
/** Schema from the OpenAPI document of PagerDuty's Events API v2. */
const PagerDutyEvent = z.strictObject({
  routing_key: z.literal(integrationKey),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().min(1).max(255),
  payload: z.strictObject({
    summary: z.string().min(1).max(1024),
    severity: z.enum(['critical', 'warning', 'error', 'info']),
    source: z.string().min(1),
    timestamp: z.iso.datetime({ offset: true }),
    custom_details: z.record(z.string(), z.unknown()),
  }),
  client: z.string(),
  links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
});

const problemIn = (schema: z.ZodType, body: string): string | undefined =>
  schema.safeParse(JSON.parse(body)).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)[0];

function refusalOf(vendor: string, { url, body, nowMs }: Received): string | undefined {
  if (url.searchParams.get('access_token') !== 't0ken' && vendor !== 'pagerduty') return 'token is not exist';
  switch (vendor) {
    case 'dingtalk': {
      const timestamp = url.searchParams.get('timestamp') ?? '';
      const sign = createHmac('sha256', signingSecret).update(`${timestamp}\n${signingSecret}`).digest('base64');
      if (Math.abs(Number(timestamp) - nowMs) > hourMs) return 'invalid timestamp';
      if (url.searchParams.get('sign') !== sign) return 'sign not match';
      return Buffer.byteLength(body) > 20_000 ? 'message too long' : problemIn(DingTalkMessage, body);
    }
    case 'feishu': {
      const { timestamp, sign: given } = JSON.parse(body) as { timestamp?: string; sign?: string };
      const sign = createHmac('sha256', `${timestamp}\n${signingSecret}`).digest('base64');
      if (Math.abs(Number(timestamp) * 1000 - nowMs) > hourMs || given !== sign) {
        return 'sign match fail or timestamp is not within one hour from current time';
      }
      if (Buffer.byteLength(body) > 20 * 1024) return 'the request body size cannot exceed 20k';
      return problemIn(FeishuMessage, body);
    }
    case 'wecom':
      return problemIn(WeComMessage, body);
    case 'slack':
      return problemIn(SlackMessage, body);
    case 'pagerduty':
      return Buffer.byteLength(body) > 512 * 1024 ? 'event too large' : problemIn(PagerDutyEvent, body);
    default:
      return 'unknown vendor';
  }
}

function answerOf(vendor: string, refusal: string | undefined): Reply {
  const isTaken = refusal === undefined;
  switch (vendor) {
    case 'slack':
      return isTaken ? { status: 200, body: 'ok' } : { status: 400, body: 'invalid_payload' };
    case 'pagerduty':
      return isTaken
        ? { status: 202, body: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: 'key' }) }
        : {
            status: 400,
            body: JSON.stringify({ status: 'invalid event', message: 'Event object is invalid', errors: [refusal] }),
          };
    case 'feishu':
      return { status: 200, body: JSON.stringify({ code: isTaken ? 0 : 19_021, msg: refusal ?? 'success', data: {} }) };
    default:
      return { status: 200, body: JSON.stringify({ errcode: isTaken ? 0 : 310_000, errmsg: refusal ?? 'ok' }) };
  }
}
