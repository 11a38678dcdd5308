// Lists the notification channels by vendor.

import type { Channel } from '../../../app/config/service-hooks.ts';
import { dingtalk } from './dingtalk.ts';
import { feishu } from './feishu.ts';
import type { ChannelDialect } from './channel.ts';
import { wecom } from './wecom.ts';

export const dialects: Record<Channel['vendor'], ChannelDialect> = { dingtalk, feishu, wecom };
