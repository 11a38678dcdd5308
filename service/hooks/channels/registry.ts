// Lists the notification channels by vendor.

import type { Robot } from '../../../app/config/service-hooks.ts';
import { dingtalk } from './dingtalk.ts';
import { feishu } from './feishu.ts';
import type { RobotDialect } from './channel.ts';
import { wecom } from './wecom.ts';

export const dialects: Record<Robot['vendor'], RobotDialect> = { dingtalk, feishu, wecom };
