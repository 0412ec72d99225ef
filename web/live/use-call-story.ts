// The story of one call on the screen: followed live, and begun anew whenever its feed is.
import { useEffect, useRef, useState } from 'react';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { addToStory, type CallStory, emptyStory } from './call-story.ts';
import { type FeedState, LiveSocket } from './live-socket.ts';

export interface FollowedCall {
  readonly story: CallStory;
  readonly feed: FeedState;
  readonly problem: string | undefined;
}

export function useCallStory(callId: string): FollowedCall {
  const [story, setStory] = useState<CallStory>(emptyStory);
  const [feed, setFeed] = useState<[state: FeedState, problem?: string]>(['connecting']);
  const waiting = useRef<LiveMessage[]>([]);
  useEffect(() => {
    let isAnew = false;
    let frame: number | undefined;
    // Hundreds of messages come at once when an hour's call is opened: they are folded in one go.
    const fold = () => {
      frame = undefined;
      const messages = waiting.current.splice(0);
      const begins = isAnew;
      isAnew = false;
      setStory((before) => messages.reduce(addToStory, begins ? emptyStory : before));
    };
    const schedule = () => {
      // A tab that nobody sees is given no frames.
      frame ??= document.hidden ? (setTimeout(fold, 100) as never) : requestAnimationFrame(fold);
    };
    const socket = new LiveSocket(callId, {
      onBegin: () => {
        isAnew = true;
        waiting.current = [];
      },
      onMessage: (message) => {
        waiting.current.push(message);
        schedule();
      },
      onState: (state, problem) => setFeed([state, problem]),
    });
    return () => {
      socket.close();
      if (frame !== undefined) cancelAnimationFrame(frame);
      waiting.current = [];
    };
  }, [callId]);
  return { story, feed: feed[0], problem: feed[1] };
}
