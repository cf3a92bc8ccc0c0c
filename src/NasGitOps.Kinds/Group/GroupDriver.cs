using System.Globalization;
using NasGitOps.Core.Planning;
using NasGitOps.Core.Steps;

namespace NasGitOps.Kinds.Group;

internal static class GroupDriver
{
    /// <summary>A group is only ever made: adopting one touches nothing.</summary>
    public static IReadOnlyList<Step> Steps(GroupSpec spec, ChangeAction action) =>
        action == ChangeAction.Create ? [new Run(Command.Of("groupadd", "-g", spec.Gid.ToString(CultureInfo.InvariantCulture), spec.Name))] : [];
}
