/** The model as it is now, who wants to hear of changes, and work that must not overlap with itself. */
import { emptyModel, reduce, type Action, type Model } from "../core/model";
import { newsOf, type News } from "../core/tasks";
import type { Transcript } from "../core/transcript";

export class Store {
  model: Model = emptyModel;
  /** What follows from a change, before anybody else hears of it. */
  onChange: (before: Model, after: Model) => void = () => undefined;

  private readonly listeners = new Set<() => void>();
  private readonly newsListeners = new Set<(news: readonly News[]) => void>();
  private readonly busy = new Set<string>();
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  onNews(listener: (news: readonly News[]) => void): () => void {
    this.newsListeners.add(listener);
    return () => this.newsListeners.delete(listener);
  }

  tellNews(news: readonly News[]): void {
    if (news.length) for (const listener of this.newsListeners) listener(news);
  }

  dispatch(action: Action): void {
    const before = this.model;
    this.model = reduce(before, action);
    if (this.model === before) return;
    this.onChange(before, this.model);
    for (const listener of this.listeners) listener();
    this.tellNews(newsOf(before, action, this.model));
  }

  change(conversation: string, change: (transcript: Transcript) => Transcript): void {
    this.dispatch({ type: "transcript", conversation, change });
  }

  /** Run `work` unless the same work is under way. */
  async alone(name: string, work: () => Promise<void>): Promise<void> {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    try {
      await work();
    } finally {
      this.busy.delete(name);
    }
  }

  after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  every(ms: number, work: () => void): void {
    this.after(ms, () => {
      work();
      this.every(ms, work);
    });
  }

  /** Forget all that was to be done later. */
  stopTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}
