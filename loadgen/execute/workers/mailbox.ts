// Queues messages until the first listener subscribes, and then delivers them in order.

export type Mailbox<Message> = ReturnType<typeof createMailbox<Message>>;

export function createMailbox<Message>() {
  const waiting: Message[] = [];
  let deliver: (message: Message) => void = (message) => waiting.push(message);
  return {
    put: (message: Message): void => deliver(message),
    /** Delivers queued and later messages to the listener. Call it once. */
    listen(listener: (message: Message) => void): void {
      deliver = listener;
      for (const message of waiting.splice(0)) listener(message);
    },
  };
}
