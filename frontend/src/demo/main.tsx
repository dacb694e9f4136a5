import "./demo.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { DemoPage } from "./DemoPage";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root element to draw into.");
createRoot(root).render(
  <StrictMode>
    <DemoPage />
  </StrictMode>,
);
