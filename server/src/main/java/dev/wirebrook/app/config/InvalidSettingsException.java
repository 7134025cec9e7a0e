package dev.wirebrook.app.config;

import java.util.List;
import java.util.stream.Collectors;

/** Settings that cannot be used, with every problem that was found. */
public final class InvalidSettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<SettingProblem> problems;

    public InvalidSettingsException(List<SettingProblem> problems) {
        super(problems.stream().map(SettingProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<SettingProblem> problems() {
        return problems;
    }
}
