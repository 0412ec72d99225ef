// Bars in a row, each of a few parts: an image with its numbers in words for those who do not see it.
export interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly value: number; readonly className: string }[];
}

const height = 100;

export function BarChart({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const totals = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const highest = Math.max(1, ...totals);
  const width = bars.length;
  const told = bars.flatMap(({ name }, index) => (totals[index] ? [`${name}: ${totals[index]}`] : []));
  return (
    <figure className="chart">
      <span className="scale">{highest}</span>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}. ${told.join('; ')}`}
      >
        {bars.map(({ name, parts }, index) => {
          let top = height;
          return (
            <g key={name + String(index)}>
              <title>{`${name}: ${parts.map((part) => `${part.name} ${part.value}`).join(', ')}`}</title>
              <rect className="ground" x={index + 0.1} width={0.8} y={0} height={height} />
              {parts.map((part) => {
                const length = (part.value / highest) * height;
                top -= length;
                return (
                  <rect
                    key={part.name}
                    className={part.className}
                    x={index + 0.1}
                    width={0.8}
                    y={top}
                    height={length}
                  />
                );
              })}
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span>{bars[0]?.name}</span>
        <span className="legend">
          {bars[0]?.parts.map((part) => (
            <span key={part.name} className={part.className}>
              {part.name}
            </span>
          ))}
        </span>
        <span>{bars.at(-1)?.name}</span>
      </figcaption>
    </figure>
  );
}
