/** What a screen shows when it has nothing to show: still loading, empty, or failed. */
import { Button, Loader, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

type Common = { tall?: boolean };

export function LoadingState({ label, tall }: Common & { label: string }) {
  return (
    <div className={`state ${tall ? "state--tall" : ""}`} role="status">
      <Loader size="sm" type="dots" />
      <Text size="sm" c="dimmed">
        {label}…
      </Text>
    </div>
  );
}

type EmptyProps = Common & { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode };

export function EmptyState({ icon, title, children, action, tall }: EmptyProps) {
  return (
    <div className={`state ${tall ? "state--tall" : ""}`}>
      {icon && (
        <div className="state__icon" aria-hidden>
          {icon}
        </div>
      )}
      <Title order={2} size="h4">
        {title}
      </Title>
      {children && (
        <Text size="sm" c="dimmed" maw={460} ta="center">
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}

type ErrorProps = Common & { title: string; error: Error; onRetry?: () => void; action?: ReactNode };

export function ErrorState({ title, error, onRetry, action, tall }: ErrorProps) {
  return (
    <div className={`state ${tall ? "state--tall" : ""}`} role="alert">
      <div className="state__icon state__icon--danger" aria-hidden>
        <IconAlertTriangle size={26} stroke={1.6} />
      </div>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text size="sm" c="dimmed" maw={460} ta="center">
        {error.message}
      </Text>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
      {action}
    </div>
  );
}
