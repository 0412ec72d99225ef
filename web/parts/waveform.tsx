// Both sides of a call as waveforms, drawn from their peaks: an hour has 180,000 of them a side.
import { useEffect, useMemo, useRef } from 'react';
import type { Peaks } from '../../shared/api.ts';
import { decodePeaks, foldPeaks } from './peaks.ts';

export interface WaveformProps {
  readonly peaks: Peaks;
  readonly playedMs: number;
  readonly turns: readonly { readonly atMs: number; readonly role: 'caller' | 'agent' }[];
  readonly onSeek?: ((ms: number) => void) | undefined;
}

const height = 96;

export function Waveform({ peaks, playedMs, turns, onSeek }: WaveformProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const sides = useMemo(() => [decodePeaks(peaks.caller), decodePeaks(peaks.agent)] as const, [peaks]);
  const lengthMs = (Math.max(sides[0].length, sides[1].length) / 2) * peaks.interval_ms;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => drawSides(element, sides, { lengthMs, playedMs });
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [sides, lengthMs, playedMs]);
  const seekTo = (x: number) => {
    const box = canvas.current!.getBoundingClientRect();
    onSeek?.(((x - box.left) / box.width) * lengthMs);
  };
  return (
    <canvas
      ref={canvas}
      className="waveform"
      height={height}
      role="img"
      aria-label={`Caller above, agent below: ${Math.round(lengthMs / 1000)} seconds, ${turns.length} turns`}
      onClick={(event) => seekTo(event.clientX)}
    />
  );
}

function drawSides(
  canvas: HTMLCanvasElement,
  sides: readonly [caller: Int8Array, agent: Int8Array],
  { lengthMs, playedMs }: { lengthMs: number; playedMs: number },
): void {
  const scale = globalThis.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  if (canvas.width !== width) canvas.width = width;
  canvas.height = height * scale;
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(canvas);
  const colours = [style.getPropertyValue('--caller'), style.getPropertyValue('--agent')];
  const played = lengthMs > 0 ? (playedMs / lengthMs) * width : 0;
  const half = canvas.height / 2;
  for (const [index, side] of sides.entries()) {
    const middle = half * index + half / 2;
    context.fillStyle = colours[index]!;
    for (const [x, [low, high]] of foldPeaks(side, width).entries()) {
      context.globalAlpha = x <= played || played === 0 ? 1 : 0.45;
      const top = middle - (high / 128) * (half / 2);
      context.fillRect(x, top, 1, Math.max(scale, ((high - low) / 128) * (half / 2)));
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = style.color;
  if (played > 0) context.fillRect(played, 0, scale, canvas.height);
}
