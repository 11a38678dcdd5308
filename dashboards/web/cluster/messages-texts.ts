// Provides the texts of the messages page in English and Chinese.

import type { MessageStart } from './message-query.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

export const messagesLanguages = bilingual({
  title: ['Messages', '消息'],
  browse: ['Browse messages', '浏览消息'],
  operatorsOnly: [
    'Only operators can read messages. Log in as an operator to see them.',
    '只有操作员可以查看消息，请以操作员身份登录。',
  ],
  from: ['Start', '起点'],
  starts: {
    newest: ['newest messages', '最新消息'],
    time: ['stored since', '某时间之后'],
    offset: ['from an offset', '指定位点'],
  } satisfies Record<MessageStart, Pair>,
  time: (zone: string) => [`Time (${zone})`, `时间（${zone}）`],
  offset: ['Offset', '位点'],
  key: ['Key', 'Key'],
  header: ['Header or property', 'Header 或属性'],
  headerHint: ['NAME or NAME=VALUE', 'NAME 或 NAME=VALUE'],
  text: ['Text in the value', '消息体包含'],
  storedAtIn: (zone: string) => [`Stored at (${zone})`, `存储时间（${zone}）`],
  size: ['Size', '大小'],
  headers: ['Headers', 'Header'],
  value: ['Value', '消息体'],
  showValue: ['Show value', '查看消息体'],
  none: [
    'No message matches. Choose another start, or remove a filter.',
    '没有匹配的消息。请更换起点，或去掉过滤条件。',
  ],
  timeMissing: ['Enter a time to read from.', '请填写起始时间。'],
  searchesMasked: [
    'Fields of this topic are masked, so you cannot search for text in values, or for masked keys and headers.',
    '该 Topic 配置了脱敏字段，不支持按消息体内容、脱敏的 Key 或 Header 搜索。',
  ],
  read: (shown: string, read: string, partitions: string) => [
    `Messages listed: ${shown}. Stored messages read: ${read} (partitions: ${partitions}).`,
    `列出 ${shown} 条消息；为此共读取了 ${partitions} 个分区中的 ${read} 条。`,
  ],
  isCut: [
    'The topic holds more messages than were read: choose another start, or one partition.',
    '该 Topic 还有未读取的消息：请更换起点，或只选一个分区。',
  ],
  notStored: [
    'Plimsoll reads a value from the brokers when you open it, and does not store it.',
    '消息体仅在查看时从 Broker 读取，Plimsoll 不保存。',
  ],
  message: (place: string) => [`Message ${place}`, `消息 ${place}`],
  tombstone: ['No value: this record deletes its key.', '无消息体：该记录用于删除此 Key。'],
  hidden: [
    'Hidden: fields of this topic are masked, and the value is not JSON.',
    '已隐藏：该 Topic 配置了脱敏字段，而消息体不是 JSON。',
  ],
  cut: (shown: string) => [`The first ${shown} are shown.`, `仅显示前 ${shown}。`],
  schema: ['Schema', 'Schema'],
  notDecoded: (reason: string) => [`Shown as bytes: ${reason}.`, `按字节显示：${reason}。`],
  details: ['Details', '详情'],
  trace: ['Trace', '消息轨迹'],
  notTraced: [
    'No client traced this message. Brokers need traceTopicEnable=true and clients enableMsgTrace; traces expire like messages.',
    '没有客户端上报这条消息的轨迹。Broker 需开启 traceTopicEnable=true，客户端需开启 enableMsgTrace；轨迹与消息一样会过期。',
  ],
  sentAt: (zone: string) => [`Sent at (${zone})`, `发送时间（${zone}）`],
  sentBy: ['Sent by (group)', '发送方（生产组）'],
  storedBy: ['Stored by', '存储 Broker'],
  sendTook: ['Send took', '发送耗时'],
  success: ['success', '成功'],
  failed: ['failed', '失败'],
  transaction: ['Transaction', '事务'],
  sendNotTraced: ['The producer did not trace its send.', '生产者没有上报发送轨迹。'],
  notConsumed: ['No consumer group with tracing has consumed this message yet.', '尚无上报轨迹的消费组消费该消息。'],
  traceCut: [
    'The index returned its maximum number of traces, so some are possibly missing.',
    '索引返回的轨迹已达上限，可能还有其他轨迹。',
  ],
  began: (zone: string) => [`Consumption began (${zone})`, `开始消费（${zone}）`],
  took: ['Took', '耗时'],
  retries: ['Retries', '重试次数'],
  notEnded: ['not ended, or not traced', '未结束，或未上报'],
  startTail: ['Live tail', '实时查看'],
  stopTail: ['Stop live tail', '停止实时查看'],
  tailing: [
    'Live: new messages appear at the top. The tail stops after 5 minutes or 1,000 messages.',
    '实时：新消息显示在最上方，5 分钟或 1,000 条后自动停止。',
  ],
  tailSkipped: ['Messages not shown, since they come too fast: {count}.', '消息到达过快，未显示 {count} 条。'],
  tailUnread: ['Messages may be missing: {reason}.', '可能缺少部分消息：{reason}。'],
  tailEnded: ['The live tail has stopped. Reload the page to start again.', '实时查看已停止，刷新页面可重新开始。'],
  tailFailed: [
    'The live tail has failed: {reason}. Reload the page to start again.',
    '实时查看失败：{reason}。刷新页面可重新开始。',
  ],
  tailLost: [
    'The connection was refused or lost, so new messages are missing. Reload the page to start again.',
    '连接被拒绝或已中断，新消息不再显示。刷新页面可重新开始。',
  ],
  tailNeedsScripts: [
    'The live tail needs JavaScript. Reload the page to see newer messages.',
    '实时查看需要 JavaScript，刷新页面可查看更新的消息。',
  ],
  exportButton: ['Export as NDJSON', '导出 NDJSON'],
  exportExplained: (most: string) => [
    `Downloads up to ${most} of these messages; masked fields stay masked. The export is recorded in the history with your name.`,
    `下载最多 ${most} 条消息（字段已脱敏）。导出会连同您的名字记入历史。`,
  ],
  resend: ['Prepare resend', '准备重发'],
  resendOne: [
    'This command plans to send this message again. It sends nothing without --execute.',
    '此命令生成重发该消息的计划；不加 --execute 不会发送。',
  ],
  resendMatching: [
    'This command plans to send the matching messages again. It sends nothing without --execute.',
    '此命令生成重发匹配消息的计划；不加 --execute 不会发送。',
  ],
});
