// Lists the kinds of notification channels by vendor.

import type { Channel, ChannelOf, Vendor } from '../../../app/config/service-hooks.ts';
import type { ChannelKind } from './channel.ts';
import { dingtalk } from './dingtalk.ts';
import { feishu } from './feishu.ts';
import { mail } from './mail.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { wecom } from './wecom.ts';

const kinds: { readonly [Of in Vendor]: ChannelKind<ChannelOf<Of>> } = {
  dingtalk,
  feishu,
  wecom,
  slack,
  pagerduty,
  mail,
};

/** A kind only ever gets channels of its vendor. */
export const kindOf = ({ vendor }: Channel): ChannelKind<Channel> => kinds[vendor];
