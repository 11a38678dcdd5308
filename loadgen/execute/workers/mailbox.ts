// Queues messages until the first listener subscribes, and then delivers them in order.

export interface Mailbox<Message> {
  put(message: Message): void;
  /** Takes what is there and all that follows. Called once. */
  listen(listener: (message: Message) => void): void;
}

export function createMailbox<Message>(): Mailbox<Message> {
  const waiting: Message[] = [];
  let deliver: (message: Message) => void = (message) => waiting.push(message);
  return {
    put: (message) => deliver(message),
    listen(listener) {
      deliver = listener;
      for (const message of waiting.splice(0)) listener(message);
    },
  };
}
