/** Lets other parts put a text into the composer of a conversation, where the agent sees it before it is sent. */

const composers = new Map<string, (text: string) => void>();

export function onInsert(conversationSid: string, put: (text: string) => void): () => void {
  composers.set(conversationSid, put);
  return () => {
    if (composers.get(conversationSid) === put) composers.delete(conversationSid);
  };
}

/** Put a text where the caret is; false: nothing can be written there now. */
export function insertText(conversationSid: string, text: string): boolean {
  const put = composers.get(conversationSid);
  put?.(text);
  return put !== undefined;
}
