using NasGitOps.Core.Observation;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;
using NasGitOps.Kinds;
using NasGitOps.Testing.Laws;
using NasGitOps.Testing.Model;

namespace NasGitOps.Testing.Fuzz;

/// <summary>Hosts whose tools print damaged text with exit code 0. A plan comes out all the same, and what is recorded and there is neither made anew nor destroyed by it.</summary>
public static class DamagedHost
{
    /// <param name="wholeLines">Only cut, at the end of a line: what no reader of lines can see.</param>
    public static string? Wrong(ModelWorld world, ModelCommit commit, int seed, bool wholeLines)
    {
        var random = new Random(seed);
        var victim = random.Next(12);
        var (asked, damaged) = (0, "");
        var input = ModelPass.Input(BuiltInKinds.All, world, commit, (probe, answer) =>
        {
            if (asked++ != victim) return answer;
            damaged = probe.Key;
            return Damaged(answer, random, wholeLines);
        });
        var plan = new Planner(BuiltInKinds.All).Plan(input);
        var harm = plan.ToApply.SelectMany(c => c.Steps.Select(s => (c.Id, Step: s))).FirstOrDefault(s => IsHarm(s.Step));
        return harm.Step is null ? null : $"with {damaged} damaged {harm.Id} gets {harm.Step.Describe()}";
    }

    private static Answer Damaged(Answer answer, Random random, bool wholeLines) => answer switch
    {
        RunAnswer { ExitCode: 0 } run => run with { Output = Damaged(run.Output, random, wholeLines) },
        FilesAnswer files => new FilesAnswer(files.Files.ToDictionary(f => f.Key, f => Damaged(f.Value, random, wholeLines))),
        _ => answer,
    };

    private static string Damaged(string text, Random random, bool wholeLines)
    {
        if (!wholeLines) return new Mutator(random, [text]).Next();
        var lines = text.Split('\n');
        return string.Concat(lines.Take(random.Next(lines.Length)).Select(l => l + "\n"));
    }

    private static bool IsHarm(Step step) => step is Run
    {
        Command: { Tool: "mkfs.btrfs" or "wipefs" or "rm" or "userdel" or "groupdel" } or { Tool: "zpool" or "zfs", Arguments: ["create" or "destroy", ..] }
        or { Tool: "btrfs", Arguments: ["subvolume", "create" or "delete", ..] },
    };
}
