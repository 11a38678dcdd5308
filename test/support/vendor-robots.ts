// Checks notification messages as the documents of each vendor state.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const robotSecret = 'SECthis is secret';

export interface VendorRobots extends AsyncDisposable {
  /** Address of the robot, its token among it. */
  url(vendor: string): string;
  /** Bodies that were taken. */
  readonly taken: { vendor: string; body: Record<string, unknown> }[];
  /** What is answered in place of the vendor's own answer: nothing, for a robot that hangs. */
  instead: { status: number; body: string } | 'hang' | undefined;
}

const hourMs = 3_600_000;

/** @param nowMs of the robots' own clocks */
export async function startVendorRobots(nowMs: () => number): Promise<VendorRobots> {
  const taken: VendorRobots['taken'] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (robots.instead === 'hang') return;
      const url = new URL(request.url ?? '', 'http://robots');
      const vendor = url.pathname.slice(1);
      const refusal = request.headers['content-type']?.startsWith('application/json')
        ? refusalOf(vendor, { url, body, nowMs: nowMs() })
        : 'not JSON';
      if (refusal === undefined) taken.push({ vendor, body: JSON.parse(body) as Record<string, unknown> });
      response.statusCode = robots.instead?.status ?? 200;
      response.end(robots.instead?.body ?? JSON.stringify(answerOf(vendor, refusal)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const robots: VendorRobots = {
    url: (vendor) => `http://127.0.0.1:${port}/${vendor}?access_token=t0ken`,
    taken,
    instead: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return robots;
}

interface Asked {
  url: URL;
  body: string;
  nowMs: number;
}

function refusalOf(vendor: string, asked: Asked): string | undefined {
  if (asked.url.searchParams.get('access_token') !== 't0ken') return 'token is not exist';
  const message = JSON.parse(asked.body) as {
    msgtype?: string;
    msg_type?: string;
    markdown?: { title?: string; text?: string; content?: string };
    content?: { post?: { zh_cn?: { title?: string; content?: { tag: string; text?: string; href?: string }[][] } } };
    timestamp?: string;
    sign?: string;
  };
  switch (vendor) {
    case 'dingtalk': {
      const { searchParams } = asked.url;
      const timestamp = searchParams.get('timestamp') ?? '';
      const sign = createHmac('sha256', robotSecret).update(`${timestamp}\n${robotSecret}`).digest('base64');
      if (Math.abs(Number(timestamp) - asked.nowMs) > hourMs) return 'invalid timestamp';
      if (searchParams.get('sign') !== sign) return 'sign not match';
      if (Buffer.byteLength(asked.body) > 20_000) return 'message too long';
      return message.msgtype === 'markdown' && message.markdown?.title && message.markdown.text
        ? undefined
        : 'miss param: markdown';
    }
    case 'feishu': {
      const sign = createHmac('sha256', `${message.timestamp}\n${robotSecret}`).digest('base64');
      if (Math.abs(Number(message.timestamp) * 1000 - asked.nowMs) > hourMs) return 'timestamp is not within one hour';
      if (message.sign !== sign) return 'sign match fail or timestamp is not within one hour from current time';
      if (Buffer.byteLength(asked.body) > 20 * 1024) return 'the request body size cannot exceed 20k';
      const lines = message.content?.post?.zh_cn?.content ?? [];
      const areRight = lines.every((line) =>
        line.every(
          ({ tag, text: said, href }) => said && (tag === 'text' || (tag === 'a' && URL.canParse(href ?? ''))),
        ),
      );
      return message.msg_type === 'post' && lines.length > 0 && areRight ? undefined : 'params error, msg_type need';
    }
    default:
      return message.msgtype === 'markdown' &&
        message.markdown?.content &&
        Buffer.byteLength(message.markdown.content) <= 4096
        ? undefined
        : 'markdown.content exceed max length 4096';
  }
}

function answerOf(vendor: string, refusal: string | undefined): unknown {
  if (vendor === 'feishu') return { code: refusal === undefined ? 0 : 19_021, msg: refusal ?? 'success', data: {} };
  return { errcode: refusal === undefined ? 0 : 310_000, errmsg: refusal ?? 'ok' };
}
